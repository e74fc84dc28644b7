// The HTTP side of the page: one place that adds who one is and the language and turns failures into errors with a sentence.

import { language } from './i18n.js';
import { sessionProof, token } from './session.js';
import { cleanLine } from './text.js';

/** The server answered with an error: `code` is stable, `detail` is its sentence in the language asked for. */
export class ApiError extends Error {
  constructor(status, code, detail, requestId = '') {
    super(detail);
    this.status = status;
    this.code = code;
    this.detail = detail;
    this.requestId = requestId;
  }
}

/** The server could not be reached, or the connection broke. */
export class NetworkError extends Error {
  sentence = 'error.network';
}

let unauthorized = () => undefined;

/** Call `handler` whenever the server no longer accepts the token. */
export function onUnauthorized(handler) {
  unauthorized = handler;
}

/** True for the error that an AbortController causes. */
export function isAbort(error) {
  return error instanceof DOMException && error.name === 'AbortError';
}

/** Send a request and return the response; throws ApiError, NetworkError or the abort. */
export async function request(path, { method = 'GET', json, body, accept = 'application/json', signal } = {}) {
  const headers = { ...baseHeaders(), Accept: accept };
  if (json !== undefined) headers['Content-Type'] = 'application/json';
  let response;
  try {
    response = await fetch(ownPath(path), {
      method,
      headers,
      body: json === undefined ? body : JSON.stringify(json),
      signal,
      cache: 'no-store',
      credentials: token() ? 'omit' : 'same-origin',
      redirect: 'error',
      referrerPolicy: 'no-referrer',
    });
  } catch (error) {
    throw isAbort(error) ? error : new NetworkError(path);
  }
  if (response.ok) return response;
  throw failed(response.status, await response.text().catch(() => ''));
}

/** Send a request and return its JSON body. */
export async function fetchJson(path, options = {}) {
  const response = await request(path, options);
  try {
    return await response.json();
  } catch (error) {
    throw isAbort(error) ? error : new NetworkError(path);
  }
}

/** Fetch bytes (a page image) with the token. */
export async function fetchBlob(path, options = {}) {
  const response = await request(path, { accept: 'image/png', ...options });
  try {
    return await response.blob();
  } catch (error) {
    throw isAbort(error) ? error : new NetworkError(path);
  }
}

/** Send a multipart form and report the bytes sent as a fraction; resolves to the JSON body. */
export function upload(path, form, { onProgress = () => undefined, signal } = {}) {
  return new Promise((resolve, reject) => {
    const call = new XMLHttpRequest();
    call.open('POST', ownPath(path));
    for (const [name, value] of Object.entries(baseHeaders())) call.setRequestHeader(name, value);
    call.upload.addEventListener('progress', (event) => {
      if (event.lengthComputable) onProgress(event.loaded / event.total);
    });
    call.addEventListener('load', () => {
      if (call.status < 200 || call.status > 299) return reject(failed(call.status, call.responseText));
      try {
        return resolve(JSON.parse(call.responseText));
      } catch {
        return reject(new NetworkError(path));
      }
    });
    call.addEventListener('error', () => reject(new NetworkError(path)));
    call.addEventListener('abort', () => reject(new DOMException('aborted', 'AbortError')));
    signal?.addEventListener('abort', () => call.abort(), { once: true });
    call.send(form);
  });
}

function baseHeaders() {
  const headers = { 'Accept-Language': language() === 'zh' ? 'zh-CN' : 'en' };
  if (token()) headers.Authorization = `Bearer ${token()}`;
  else if (sessionProof()) headers['X-CSRF-Token'] = sessionProof();
  return headers;
}

/** The token goes to this server's API only, whatever a response names. */
function ownPath(path) {
  const url = new URL(path, location.origin);
  if (url.origin !== location.origin || !url.pathname.startsWith('/v1/')) throw new NetworkError('foreign address');
  return url.pathname + url.search;
}

function failed(status, text) {
  let problem = {};
  try {
    problem = JSON.parse(text) ?? {};
  } catch {
    // A proxy in between may answer with something else than problem+json; the status still tells.
  }
  const code = cleanLine(problem.code) || `http.${status}`;
  const error = new ApiError(status, code, cleanLine(problem.detail || problem.title), cleanLine(problem.request_id));
  if (status === 401) unauthorized(error);
  return error;
}
