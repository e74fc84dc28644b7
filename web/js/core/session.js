// The token lives in this tab only (sessionStorage) and leaves with it.

const KEY = 'wenyuan.token';

let user = null;

/** The token of this tab, or an empty string. */
export function token() {
  return sessionStorage.getItem(KEY) ?? '';
}

/** Keep a token for this tab. */
export function keepToken(value) {
  sessionStorage.setItem(KEY, value);
}

/** Forget token and user. */
export function forget() {
  sessionStorage.removeItem(KEY);
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
