export const unexpectedEnd = (): string => 'it ends too early';

export const unmatchedParenthesis = (): string => 'it has a ")" without a "("';

export const unclosedGroup = (): string => 'it has a "(" without a ")"';

export const unclosedSet = (): string => 'it has a "[" without a "]"';

export const nothingToRepeat = (): string =>
  'it has a quantifier (*, +, ? or {…}) with nothing to repeat';

export const possessiveQuantifier = (): string => 'possessive quantifiers are not supported';

export const wrongBounds = (): string => 'it has a range whose end is before its start';

export const unknownGroupType = (start: string): string =>
  `groups that begin with ${start} are not supported`;

export const duplicateName = (): string => 'two of its groups have the same name';

export const unknownReference = (): string => 'it refers to a group that it does not have';

export const unknownEscape = (escape: string): string => `the escape ${escape} is not supported`;

export const invalidCodePoint = (): string => 'it names a character that does not exist';

export const unknownProperty = (): string => 'it names a Unicode property that no engine knows';

export const mixedCase = (): string =>
  'it needs look-around or backreferences, and only a part of it ignores case';

export const tooDeep = (): string => 'its groups are nested too deeply';

export const tooLarge = (): string => 'it is too large';

export const tooSlow = (): string =>
  'only a backtracking engine could run it, and on some strings that engine would take too long';

export const unknownSet = (): string => 'it has a named set ([:…:]) that is not supported';
