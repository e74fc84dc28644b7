// One question over the OpenAI-compatible endpoint, as a sequence of plain events.

import { ApiError, NetworkError, isAbort, request } from '../core/api.js';
import { readEvents } from '../core/sse.js';
import { cleanLine } from '../core/text.js';

/**
 * Ask and yield `{turn}` (the id of a stored one) and `{interpretation}` first, then `{text}`, `{citations}`, `{statements}` and
 * finally `{done: {answerer, refused, notices}}`. `place`: the stored conversation (`conversation_id`) that the question goes
 * into and the turn that it `replaces`, or nothing.
 * Throws ApiError for a refusal of the request or an error inside the stream, NetworkError when it breaks off.
 */
export async function* ask(messages, place, signal) {
  const response = await request('/v1/chat/completions', {
    method: 'POST',
    json: { messages, ...place, stream: true },
    accept: 'text/event-stream',
    signal,
  });
  let finished = false;
  for await (const data of guarded(readEvents(response.body))) {
    if (data === '[DONE]') break;
    const chunk = parse(data);
    if (chunk.error) throw new ApiError(0, cleanLine(chunk.error.code), cleanLine(chunk.error.message));
    const [choice] = chunk.choices ?? [];
    if (chunk.turn_id) yield { turn: cleanLine(chunk.turn_id) };
    if (chunk.interpretation) yield { interpretation: chunk.interpretation };
    if (Array.isArray(chunk.citations) && chunk.citations.length) yield { citations: chunk.citations };
    if (choice?.delta?.content) yield { text: choice.delta.content };
    if (Array.isArray(chunk.statements) && chunk.statements.length) yield { statements: chunk.statements };
    if (choice?.finish_reason) {
      finished = true;
      yield { done: { answerer: chunk.answerer, refused: Boolean(chunk.refused), notices: chunk.notices ?? [] } };
    }
  }
  if (!finished) throw new NetworkError('the stream ended early');
}

async function* guarded(events) {
  try {
    yield* events;
  } catch (error) {
    throw isAbort(error) ? error : new NetworkError('the stream broke');
  }
}

function parse(data) {
  try {
    return JSON.parse(data) ?? {};
  } catch {
    throw new NetworkError('the stream is damaged');
  }
}
