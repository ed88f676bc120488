import { createHash } from 'node:crypto';
import { linkSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/**
 * Runs `task` exclusively per checkout and name; other processes wait. The lock is a file that
 * contains the process id of its owner, outside `node_modules` because `npm ci` deletes that folder.
 * A lock whose owner no longer runs is replaced. If the id now belongs to another process, only a
 * person can tell, so a waiter says once what it waits for.
 */
export async function withLock(root, name, task) {
  const checkout = createHash('sha256').update(realpathSync(root)).digest('hex').slice(0, 16);
  const lock = join(tmpdir(), `nestjs-quonfig-${name}-${checkout}`);
  const own = `${lock}.${process.pid}`;
  // Linking a complete file makes name and content appear atomically.
  writeFileSync(own, String(process.pid));
  try {
    for (let waits = 0; !claim(own, lock);) {
      const holder = holderOf(lock);
      if (holder && !isAlive(holder)) {
        buryStale(lock, own, holder);
        continue;
      }
      if (++waits === 20) console.error(waitingFor(name, holder, lock));
      await pause(100);
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

function waitingFor(name, holder, lock) {
  return `Waiting for process ${holder}, which holds the lock "${name}" of this folder. If it is not an npm command of this folder, delete ${lock}.`;
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

/** Only one waiter can move the file; a waiter that moved a new owner's lock restores it. */
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
