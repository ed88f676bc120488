/** The CommonJS dependencies of Nest need a `require`, which ES modules lack. */
export const requireInModules =
  "import { createRequire as create } from 'node:module'; const require = create(import.meta.url);";

/** Packages that Nest loads only if they are installed. */
export const optionalPackages = [
  '@nestjs/microservices',
  '@nestjs/websockets',
  '@fastify/multipart',
  '@fastify/static',
  '@fastify/view',
  '@nestjs/axios',
  '@nestjs/mongoose',
  '@nestjs/sequelize',
  '@nestjs/typeorm',
  '@mikro-orm/core',
  '@grpc/grpc-js',
  '@grpc/proto-loader',
  'class-transformer',
  'class-validator',
  'mongoose',
  'sequelize',
  'typeorm',
];
