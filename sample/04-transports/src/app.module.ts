import { Module } from '@nestjs/common';
import { GraphQLModule } from '@nestjs/graphql';
import { MercuriusDriver, type MercuriusDriverConfig } from '@nestjs/mercurius';
import { QuonfigModule } from 'nestjs-quonfig';
import { AnnouncementsResolver } from './announcements.resolver.js';
import { contextsOf } from './contexts.js';
import { OffersController } from './offers.controller.js';
import { OffersGateway } from './offers.gateway.js';
import { OffersMicroservice } from './offers.microservice.js';
import { OffersResolver } from './offers.resolver.js';
import { OffersService } from './offers.service.js';
import { workspace } from './workspace.js';

@Module({
  imports: [
    QuonfigModule.forRoot({ ...workspace, dataDirAutoReload: true, context: contextsOf }),
    GraphQLModule.forRoot<MercuriusDriverConfig>({
      driver: MercuriusDriver,
      autoSchemaFile: true,
      subscription: true,
    }),
  ],
  controllers: [OffersController, OffersMicroservice],
  providers: [OffersService, OffersGateway, OffersResolver, AnnouncementsResolver],
})
export class AppModule {}
