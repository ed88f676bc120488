import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { jwtVerify, SignJWT } from 'jose';
import { users, type User } from './users.js';

/** Signs and verifies JSON Web Tokens. The secret is new at each start, so a restart makes earlier tokens invalid. */
@Injectable()
export class TokensService {
  private readonly secret = randomBytes(32);

  sign({ id }: User): Promise<string> {
    return new SignJWT()
      .setProtectedHeader({ alg: 'HS256' })
      .setSubject(id)
      .setExpirationTime('1h')
      .sign(this.secret);
  }

  /** Returns whose token it is; `undefined` if it is invalid or has expired. */
  async verify(token: string): Promise<User | undefined> {
    try {
      const { payload } = await jwtVerify(token, this.secret, { algorithms: ['HS256'] });
      return users.find(({ id }) => id === payload.sub);
    } catch {
      return undefined;
    }
  }
}
