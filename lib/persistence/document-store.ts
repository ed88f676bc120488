/** Where documents are saved: a file, or a store of the application. */
export interface DocumentStore {
  /** Returns the saved document, `undefined` if there is none. */
  get(): Promise<string | undefined>;
  /**
   * Prepares a document. Only the commit replaces the saved one, so little time passes between the check whether it may and the
   * replacement.
   *
   * @returns `undefined` if another process is about to save a newer generation
   */
  stage(document: string, generation: number): Promise<StagedDocument | undefined>;
  /** Releases what the store holds. */
  close(): void;
}

/** A document that is ready to replace the saved one. */
export interface StagedDocument {
  /** Replaces the saved document. Returns `false` if another process prevented it, because it saves a newer generation. */
  commit(): Promise<boolean>;
  discard(): Promise<void>;
}
