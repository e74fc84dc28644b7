// How one is signed in. A token lives in this tab only (sessionStorage) and leaves with it. A session lives in a cookie
// that no script reads; the page keeps, in memory, the proof that its changes carry.

const KEY = 'wenyuan.token';
const MARK = 'wenyuan.session';

let user = null;
let proof = '';

/** The token of this tab, or an empty string. */
export function token() {
  return sessionStorage.getItem(KEY) ?? '';
}

/** Keep a token for this tab. */
export function keepToken(value) {
  sessionStorage.setItem(KEY, value);
  proof = '';
}

/** Whether this browser may have a session: else the server need not be asked for it. */
export function mayHaveSession() {
  return localStorage.getItem(MARK) !== null;
}

/** Use the session of this browser: `value` goes with every request that changes something. */
export function keepSession(value) {
  proof = value;
  localStorage.setItem(MARK, '1');
  sessionStorage.removeItem(KEY);
}

/** What changes carry in a session; empty with a token. */
export function sessionProof() {
  return proof;
}

/** Forget token, session and user. */
export function forget() {
  sessionStorage.removeItem(KEY);
  localStorage.removeItem(MARK);
  proof = '';
  user = null;
}

/** The signed-in user as `/v1/me` told, or null. */
export function currentUser() {
  return user;
}

/** Remember who signed in. */
export function setUser(value) {
  user = value;
}

/** The spaces of the user for which `right` ("can_upload", "can_manage") holds. */
export function spacesWith(right) {
  return (user?.spaces ?? []).filter((space) => space[right]);
}
