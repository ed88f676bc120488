// Bundled by the build, so that applications install no validator: see scripts/build.mjs.
export { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
export { Ajv2020 } from 'ajv/dist/2020.js';
