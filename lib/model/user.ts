/** What the kernel shows for users that the user namespace of a container does not have. */
const UNMAPPED_USER = 65_534;

/** The user that this process acts as; `undefined` on Windows. */
export function userId(): number | undefined {
  return process.geteuid?.();
}

export function isOtherUser(uid: number): boolean {
  const user = userId();
  return user !== undefined && uid !== user;
}

/** Says that something belongs to another user than that of this process. */
export function belongsTo(owner: number): string {
  const note =
    owner === UNMAPPED_USER
      ? ' (in a container, 65534 stands for users that its user namespace lacks)'
      : '';
  return `belongs to user ${owner}${note}, and this process runs as user ${userId()}`;
}
