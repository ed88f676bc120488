import { setTimeout as delay } from 'node:timers/promises';
import {
  type CallHandler,
  type CanActivate,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
  type PipeTransform,
} from '@nestjs/common';
import { map, type Observable } from 'rxjs';
import { type ContextFactory, QuonfigService } from '../../../../lib/index.js';

/** What a client sends: whose message it is. */
export interface OwnerMessage {
  readonly user: string;
  readonly delay?: number;
  /** Where places of the message leave what they read. */
  read?: Record<string, string>;
}

/** The user of a message, on every transport that has one. */
export const byMessage: ContextFactory = (source) =>
  'data' in source ? { user: { key: (source.data as OwnerMessage | undefined)?.user } } : undefined;

/** Reads the value in a place of the message and records it there. */
@Injectable()
export class MessagePlaces implements CanActivate, NestInterceptor, PipeTransform {
  constructor(private readonly quonfig: QuonfigService) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const message = messageOf(context);
    this.record(message, 'guard');
    await delay(message.delay ?? 0);
    this.record(message, 'guardLater');
    return true;
  }

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    this.record(messageOf(context), 'interceptor');
    return next.handle().pipe(map((result: object) => ({ ...result, after: this.owner() })));
  }

  transform(message: OwnerMessage): OwnerMessage {
    if (typeof message?.user === 'string') this.record(message, 'pipe');
    return message;
  }

  owner(): string {
    return this.quonfig.getString('owner');
  }

  /** What a handler reads, and what a timer of it reads, with what was recorded before. */
  async everything(message: OwnerMessage): Promise<Record<string, string>> {
    const handler = this.owner();
    await delay(Math.random() * 5);
    const service = this.owner();
    const timer = await new Promise<string>((resolve) => {
      setTimeout(() => resolve(this.owner()), 1);
    });
    return { ...message.read, handler, service, timer };
  }

  private record(message: OwnerMessage, place: string): void {
    message.read = { ...message.read, [place]: this.owner() };
  }
}

/** What every place of a message reads if it has the contexts of this user. */
export function allPlaces(user: string): Record<string, string> {
  const places = ['guard', 'guardLater', 'interceptor', 'pipe', 'handler', 'service', 'timer'];
  return Object.fromEntries([...places, 'after'].map((place) => [place, user]));
}

function messageOf(context: ExecutionContext): OwnerMessage {
  return context.getType() === 'ws'
    ? context.switchToWs().getData<OwnerMessage>()
    : context.switchToRpc().getData<OwnerMessage>();
}
