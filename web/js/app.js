// The page as a whole: who is signed in, which view is open, which citation is shown. The address says the last two.

import { onUnauthorized } from './core/api.js';
import { announce } from './core/dom.js';
import { applyLanguage, language, setLanguage } from './core/i18n.js';
import { currentUser, forget, setUser } from './core/session.js';
import { cleanLine } from './core/text.js';
import { Access } from './access/access.js';
import { Audit } from './audit/audit.js';
import { Chat } from './chat/chat.js';
import { Documents } from './documents/documents.js';
import { People } from './people/people.js';
import { SignIn, endSession, showAccount } from './signin.js';
import { openSecurity } from './account/security.js';
import { Viewer } from './viewer.js';

const $ = (id) => document.getElementById(id);
const VIEWS = ['chat', 'documents', 'people', 'access', 'audit'];

const viewer = new Viewer($('viewer'), { behind: [$('view-chat'), $('view-documents'), document.querySelector('.topbar')], onClose: closeCitation, onMove: openCitation });
const chat = new Chat($('view-chat'), (id, siblings) => {
  viewer.among(siblings);
  openCitation(id);
});
const documents = new Documents($('view-documents'));
const pages = { documents, people: new People($('view-people')), access: new Access($('view-access'), moreSpaces), audit: new Audit($('view-audit')) };
const signIn = new SignIn($('signin'), signedIn);

function citationInAddress() {
  return new URLSearchParams(location.search).get('citation');
}

function openCitation(id) {
  const state = { opened: true };
  const address = `/?citation=${encodeURIComponent(id)}${location.hash}`;
  // Moving from one open citation to the next replaces the entry, so that "back" closes the viewer.
  if (citationInAddress()) history.replaceState(history.state, '', address);
  else history.pushState(state, '', address);
  route();
}

function closeCitation() {
  if (history.state?.opened) {
    history.back();
    return;
  }
  history.replaceState(null, '', `/${location.hash}`);
  route();
}

/** Show what the address says. */
function route() {
  if (!currentUser()) return;
  const asked = location.hash.replace('#/', '');
  const name = VIEWS.includes(asked) && !$(`tab-${asked}`).hidden ? asked : 'chat';
  for (const each of VIEWS) {
    const shown = each === name;
    if (shown && $(`view-${each}`).hidden) void pages[each]?.load();
    $(`view-${each}`).hidden = !shown;
    if (shown) $(`tab-${each}`).setAttribute('aria-current', 'page');
    else $(`tab-${each}`).removeAttribute('aria-current');
  }
  $(`tab-${name}`).scrollIntoView({ block: 'nearest', inline: 'center' });
  const id = citationInAddress();
  if (!id) viewer.hide();
  else if (id !== viewer.id) void viewer.show(id);
  $('stage').classList.toggle('with-viewer', Boolean(id));
}

function signedIn(user) {
  $('shell').hidden = false;
  const name = cleanLine(user.name);
  $('who-name').textContent = name;
  $('who-initial').textContent = Array.from(name)[0]?.toUpperCase() ?? '';
  showAccount($('account'), user, showSecurity, async () => {
    await endSession();
    leave(null);
  });
  const { roles, spaces } = user;
  $('tab-people').hidden = !roles.includes('administrator');
  $('tab-access').hidden = !roles.includes('administrator') && !spaces.some((space) => space.can_manage);
  $('tab-audit').hidden = !roles.some((role) => ['administrator', 'auditor'].includes(role));
  for (const page of Object.values(pages)) page.reset();
  chat.reset();
  const talk = new URLSearchParams(location.search).get('conversation');
  if (talk) {
    history.replaceState(null, '', '/#/chat');
    void chat.load(talk);
  }
  route();
}

/** The user has a space more: pages that offer spaces offer it too. */
function moreSpaces(user) {
  setUser(user);
  documents.offer();
  if (!chat.turns.length) chat.greet();
}

function showSecurity() {
  $('account').hidePopover();
  void openSecurity();
}

/** Sign out: nothing of this user stays in the page. */
function leave(key) {
  if (!currentUser()) return;
  forget();
  if ($('account').matches(':popover-open')) $('account').hidePopover();
  document.querySelector('dialog.security')?.close();
  viewer.hide();
  for (const name of VIEWS) $(`view-${name}`).hidden = true;
  $('shell').hidden = true;
  chat.reset();
  for (const page of Object.values(pages)) page.reset();
  for (const dialog of document.querySelectorAll('dialog.explain, dialog.edit')) dialog.close();
  $('account').replaceChildren();
  $('who-name').textContent = '';
  announce('');
  history.replaceState(null, '', key === null ? '/' : location.href);
  void signIn.show(key);
}

function showOffline() {
  $('offline').hidden = navigator.onLine;
}

async function start() {
  applyLanguage();
  for (const button of document.querySelectorAll('[data-action="language"]')) {
    button.addEventListener('click', () => setLanguage(language() === 'zh' ? 'en' : 'zh'));
  }
  onUnauthorized(() => leave('signin.expired'));
  window.addEventListener('popstate', route);
  window.addEventListener('hashchange', route);
  window.addEventListener('online', showOffline);
  window.addEventListener('offline', showOffline);
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && viewer.id !== null && !event.defaultPrevented && !document.querySelector('dialog[open], :popover-open')) closeCitation();
  });
  // A file dropped beside the drop area must not replace the page.
  for (const event of ['dragover', 'drop']) window.addEventListener(event, (drag) => drag.preventDefault());
  showOffline();
  if (!(await signIn.resume())) await signIn.show();
}

void start();
