import { QuonfigService } from 'nestjs-quonfig';

/**
 * Opens a workspace with the SDK, as an application would, but without following edits, telemetry and the developer's context.
 *
 * @param warn receives the warnings of the SDK
 * @throws {WorkspaceError} `invalid_workspace`: names the file that cannot be loaded
 */
export function openService(
  datadir: string,
  environment: string,
  warn: (message: string) => void = () => {},
): Promise<QuonfigService> {
  return QuonfigService.create({
    datadir,
    environment,
    onUnknownKey: 'silent',
    enableQuonfigUserContext: false,
    collectEvaluationSummaries: false,
    contextUploadMode: 'none',
    logger: { warn, error: warn },
  });
}
