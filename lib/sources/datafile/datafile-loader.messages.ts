export const datafileOption = (): string => 'the option "datafile"';

export const configUncopyable = (index: number, key: string | undefined): string =>
  `the config ${key === undefined ? '' : `"${key}" `}at index ${index} is not plain JSON (it may contain a cycle, a function, or a getter that throws). Pass data as JSON.parse returns it`;

export const metaUncopyable = (): string =>
  'its "meta" or "configs" cannot be read as plain JSON. Pass data as JSON.parse returns it';

export const correctDatafile = (problem: string): string =>
  `${problem}. It must look like {"configs": [...], "meta": {"version": "1", "environment": "production"}}`;
