import { failureOf } from '../http/failure.ts';
import { addAnswer, type Dispatch, entryOf, headersOf, isRead } from './bundle-entry.ts';
import { BundleWriter } from './bundle-writer.ts';
import { outcomeAnswer } from './outgoing.ts';
import type { Answer, FhirRequest } from './request.ts';

/** Entries under way at a time: enough for the store to commit them in groups, few enough to leave room for others. */
const PARALLEL = 32;

/** A batch: every entry for itself, in no order, as if it had come alone. */
export async function batch(items: readonly unknown[], request: FhirRequest, dispatch: Dispatch): Promise<Answer> {
  const writer = new BundleWriter({ resourceType: 'Bundle', type: 'batch-response' });
  const showWrites = request.preferences.return === 'representation';
  const answers: { answer: Answer; show: boolean }[] = new Array(items.length);
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let at = next++; at < items.length; at = next++)
      answers[at] = await answerTo(items[at], at, request, dispatch);
  };
  await Promise.all(Array.from({ length: Math.min(PARALLEL, items.length) }, worker));
  for (const { answer, show } of answers) addAnswer(writer, answer, show || showWrites);
  return { status: 200, body: writer.end() };
}

/** What one entry came to; a refusal is its answer and not the batch's. */
async function answerTo(
  item: unknown,
  at: number,
  request: FhirRequest,
  dispatch: Dispatch,
): Promise<{ answer: Answer; show: boolean }> {
  try {
    const entry = entryOf(item, at, dispatch.baseUrl);
    const answer = await dispatch.entry(entry, { ...request, headers: headersOf(entry) });
    return { answer, show: isRead(entry) };
  } catch (error) {
    const failure = failureOf(error);
    return { answer: outcomeAnswer(failure.status, failure.issues), show: false };
  }
}
