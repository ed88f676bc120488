import { createHash } from 'node:crypto';
import { linkSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/**
 * Runs `task` while no other process runs one of that name for the same checkout; the others wait.
 * The lock is a file with its holder's process id, outside `node_modules`, which `npm ci` deletes.
 * A lock whose holder is gone is taken over.
 */
export async function withLock(root, name, task) {
  const checkout = createHash('sha256').update(realpathSync(root)).digest('hex').slice(0, 16);
  const lock = join(tmpdir(), `nestjs-quonfig-${name}-${checkout}`);
  const own = `${lock}.${process.pid}`;
  // Linking a finished file makes name and content appear together.
  writeFileSync(own, String(process.pid));
  try {
    while (!claim(own, lock)) {
      const holder = holderOf(lock);
      if (holder && !isAlive(holder)) buryStale(lock, own, holder);
      else await pause(100);
    }
    try {
      return await task();
    } finally {
      rmSync(lock, { force: true });
    }
  } finally {
    rmSync(own, { force: true });
  }
}

function claim(own, lock) {
  try {
    linkSync(own, lock);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

function holderOf(lock) {
  try {
    return Number(readFileSync(lock, 'utf8')) || undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** Of several waiters only one can move the file; one that moved a new holder's lock puts it back. */
function buryStale(lock, own, holder) {
  const grave = `${own}.stale`;
  try {
    renameSync(lock, grave);
  } catch {
    return;
  }
  if (holderOf(grave) === holder) rmSync(`${lock}.${holder}`, { force: true });
  else claim(grave, lock);
  rmSync(grave, { force: true });
}
