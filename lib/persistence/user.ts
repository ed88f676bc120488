/** The user that this process acts as; `undefined` on Windows. */
export function userId(): number | undefined {
  return process.geteuid?.();
}

export function isOtherUser(uid: number): boolean {
  const user = userId();
  return user !== undefined && uid !== user;
}
