import type { AcceptedType } from '../evaluation/index.js';

// The config types that each details getter accepts.
export const BOOLEAN: AcceptedType = { name: 'boolean', valueTypes: ['bool'] };
export const STRING: AcceptedType = { name: 'string', valueTypes: ['string', 'log_level'] };
export const NUMBER: AcceptedType = { name: 'number', valueTypes: ['int', 'double', 'duration'] };
export const STRING_LIST: AcceptedType = { name: 'string list', valueTypes: ['string_list'] };
export const JSON_VALUE: AcceptedType = { name: 'JSON value', valueTypes: ['json', 'string_list'] };
export const DURATION: AcceptedType = { name: 'duration', valueTypes: ['duration'] };
