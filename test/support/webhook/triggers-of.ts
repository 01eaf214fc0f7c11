import type { ProvisioningEvent } from '../../../connector/event.ts';
import { definition } from './open-source.ts';

/** The keys of the triggers that an event starts, as the manifest says it, read by itself: no code of the triggers is used. */
export function triggersOf({ type, resource, changes }: ProvisioningEvent): readonly string[] {
  return definition.triggers
    .filter(({ key }) => key !== 'provisioning_event')
    .filter(({ detect }) => {
      const { resources, types, changed, except } = detect;
      const fits = (path: string) => (one: string) =>
        path === one || [':', '.', '['].some((mark) => path.startsWith(`${one}${mark}`));
      return (
        resources.includes(resource) &&
        types.includes(type) &&
        (changed === undefined || changes.some(({ path }) => changed.some(fits(path)))) &&
        (except === undefined || changes.some(({ path }) => !except.some(fits(path))))
      );
    })
    .map(({ key }) => key);
}
