import type { Sandbox } from '../../sandbox/index.ts';

/** Accepts the invitation of a user by the admin API of a sandbox, as the invited person does. */
export async function acceptInvitation(
  { adminUrl, adminToken }: Pick<Sandbox, 'adminUrl' | 'adminToken'>,
  userName: string,
): Promise<void> {
  const { status } = await fetch(`${adminUrl}/members/${encodeURIComponent(userName)}/accept-invitation`, {
    method: 'POST',
    headers: { authorization: `Bearer ${adminToken}` },
  });
  if (status !== 200) throw new Error(`The invitation of ${userName} gets ${status}`);
}
