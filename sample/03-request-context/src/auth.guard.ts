import {
  type CanActivate,
  type ExecutionContext,
  Injectable,
  UnauthorizedException,
} from '@nestjs/common';
import { TokensService } from './tokens.service.js';
import type { User } from './users.js';

export interface AuthenticatedRequest {
  headers: { authorization?: string };
  user?: User;
}

/** Sets `request.user`, which the option `context` reads. */
@Injectable()
export class AuthGuard implements CanActivate {
  constructor(private readonly tokens: TokensService) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<AuthenticatedRequest>();
    const [, token = ''] = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '') ?? [];
    const user = await this.tokens.verify(token);
    if (user === undefined) throw new UnauthorizedException();
    request.user = user;
    return true;
  }
}
