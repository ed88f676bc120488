import { type CanActivate, Injectable, ServiceUnavailableException } from '@nestjs/common';
import { QuonfigService } from 'nestjs-quonfig';

/**
 * A global guard. It runs before the guards of controllers, so before authentication, and its reads see no user: a rule
 * about users never matches here. Reads after authentication see the user all the same.
 */
@Injectable()
export class ShopOpenGuard implements CanActivate {
  constructor(private readonly quonfig: QuonfigService) {}

  canActivate(): boolean {
    if (!this.quonfig.isEnabled('shop.open')) throw new ServiceUnavailableException();
    return true;
  }
}
