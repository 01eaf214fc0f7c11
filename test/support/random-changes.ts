import type { Connector } from '../../runtime/index.ts';

/** Numbers from 0 up to 1, the same for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Changes someone or something at random, in every way that a provider knows. */
export async function changeSomething(connector: Connector, random: () => number): Promise<void> {
  const { actions } = connector;
  const pick = <T>(items: readonly T[]): T | undefined => items[Math.floor(random() * items.length)];
  const users = (await actions.search_users({ attributes: ['userName'] })).resources;
  const user = pick(users);
  const groups = (await actions.search_groups({ attributes: ['displayName'] })).resources;
  const group = pick(groups);
  const name = Math.floor(random() * 1e9).toString(36);
  const draw = random();
  if (user === undefined || draw < 0.2) {
    await actions.create_user({
      userName: `${name}@example.com`,
      name: { givenName: name },
      workato_role: 'Analyst',
    });
    return;
  }
  const reference = { user: { id: user.id } };
  if (draw < 0.35) await actions.deactivate_user(reference);
  else if (draw < 0.5) await actions.reactivate_user(reference);
  else if (draw < 0.6)
    await actions.set_workato_role({
      ...reference,
      environment: pick(['dev', 'test', 'prod'] as const) ?? 'dev',
      role: pick(['Admin', 'Analyst', 'Operator']) ?? 'Admin',
    });
  else if (draw < 0.7)
    await actions.update_user({ ...reference, displayName: name, department: pick(['A', 'B']) ?? 'A' });
  else if (draw < 0.78) await actions.delete_user(reference);
  else if (group === undefined || draw < 0.84)
    await actions.create_group({ displayName: `group ${name}`, members: [{ value: user.id }] });
  else if (draw < 0.9)
    await actions.add_group_members({ group: { id: group.id }, members: [{ id: user.id }] });
  else if (draw < 0.95)
    await actions.remove_group_members({ group: { id: group.id }, members: [{ id: user.id }] });
  else if (draw < 0.98) await actions.update_group({ group: { id: group.id }, displayName: `group ${name}` });
  else await actions.delete_group({ group: { id: group.id } });
}
