// Every sentence of the page in both languages, and the bindings that let the language change without losing state.

import { ADMIN_STRINGS } from './strings/admin.js';
import { HISTORY_STRINGS } from './strings/history.js';
import { NOTICE_STRINGS } from './strings/notices.js';
import { PART_STRINGS } from './strings/parts.js';
import { PICTURE_STRINGS } from './strings/pictures.js';
import { cleanLine } from './text.js';

const KEY = 'wenyuan.language';

/** key → [中文, English]; `{name}` is a parameter. */
const STRINGS = {
  ...ADMIN_STRINGS,
  ...HISTORY_STRINGS,
  ...NOTICE_STRINGS,
  ...PART_STRINGS,
  ...PICTURE_STRINGS,
  raw: ['{value}', '{value}'],
  'brand.name': ['文渊', 'Wenyuan'],
  'brand.sub': ['企业知识引擎', 'Knowledge engine'],
  'page.title': ['文渊 · 企业知识引擎', 'Wenyuan · Knowledge engine'],
  'lang.switch': ['English', '中文'],
  'lang.label': ['Switch to English', '切换到中文'],
  'nav.label': ['主导航', 'Main'],
  'nav.chat': ['问答', 'Ask'],
  'nav.documents': ['文档', 'Documents'],
  'net.offline': ['网络已断开。恢复后可继续使用。', 'You are offline. Work can go on when the network is back.'],

  'signin.lead': ['向您有权查看的文档提问。每个回答都注明出处，可以打开原文逐字核对。', 'Ask the documents you may read. Every answer names its sources, and each opens at the very passage.'],
  'signin.name': ['用户名', 'Name'],
  'signin.password': ['密码', 'Password'],
  'signin.with_token': ['使用访问令牌登录', 'Sign in with an access token'],
  'signin.at': ['通过{title}登录', 'Sign in with {title}'],
  'signin.incomplete': ['请输入用户名和密码。', 'Enter your name and your password.'],
  'signin.error.account_unknown': ['身份已确认，但这里没有可用的账号。请联系管理员开通。', 'You were identified, but there is no account for you here. Ask an administrator.'],
  'signin.error.issuer_unavailable': ['统一登录服务暂时不可用，请稍后再试。', 'The identity provider is not available. Try again later.'],
  'signin.error.other': ['统一登录未完成，请重新登录。', 'Signing in was not completed. Try again.'],
  'signin.change': ['首次登录或管理员要求：请设置新密码。', 'Choose a new password before you go on.'],
  'signin.token': ['访问令牌', 'Access token'],
  'signin.placeholder': ['粘贴您的令牌', 'Paste your token'],
  'signin.hint': ['令牌由管理员发放，只保存在当前标签页，关闭即清除。', 'Your administrator issues it. It stays in this tab and is gone when the tab closes.'],
  'signin.submit': ['登录', 'Sign in'],
  'signin.busy': ['正在登录…', 'Signing in…'],
  'signin.empty': ['请先粘贴访问令牌。', 'Paste an access token first.'],
  'signin.malformed': ['令牌含有空格或不支持的字符，请重新复制。', 'The token has spaces or characters it cannot have. Copy it again.'],
  'signin.expired': ['登录已失效，请重新登录。', 'Your session has ended. Sign in again.'],
  'account.label': ['账号', 'Account'],
  'account.roles': ['角色', 'Roles'],
  'account.groups': ['用户组', 'Groups'],
  'account.spaces': ['空间', 'Spaces'],
  'account.none': ['无', 'None'],
  'account.signout': ['退出登录', 'Sign out'],
  'account.security': ['密码、会话与令牌', 'Password, sessions, tokens'],
  'account.close': ['关闭', 'Close'],
  'account.password': ['修改密码', 'Change password'],
  'account.password.old': ['当前密码', 'Present password'],
  'account.password.new': ['新密码', 'New password'],
  'account.password.hint': ['至少 12 个字符，可以是一句话；不要用常见的词或自己的名字。', 'At least 12 characters; a phrase is fine. No common words, not your name.'],
  'account.password.save': ['保存新密码', 'Save the new password'],
  'account.password.saved': ['密码已修改，其他会话已结束。', 'The password was changed; your other sessions have ended.'],
  'account.sessions': ['登录会话', 'Sessions'],
  'account.session.current': ['当前', 'this one'],
  'account.session.seen': ['最近使用 {when} · {address}', 'last used {when} · {address}'],
  'account.session.end': ['结束', 'End'],
  'account.tokens': ['访问令牌', 'Access tokens'],
  'account.token.none': ['还没有令牌。', 'There are no tokens yet.'],
  'account.token.until': ['有效至 {when}', 'until {when}'],
  'account.token.forever': ['长期有效', 'without an end'],
  'account.token.used': ['最近使用 {when}', 'last used {when}'],
  'account.token.unused': ['从未使用', 'never used'],
  'account.token.revoke': ['吊销', 'Revoke'],
  'account.token.name': ['名称', 'Name'],
  'account.token.days': ['有效天数', 'Days'],
  'account.token.scopes': ['可以用来', 'Good for'],
  'account.token.make': ['创建令牌', 'Make a token'],
  'account.token.made': ['请立即复制：此令牌只显示这一次。', 'Copy it now: it is shown this once.'],
  'scope.all': ['全部权限', 'everything'],
  'scope.ask': ['提问与检索', 'asking'],
  'scope.read': ['查看', 'reading'],
  'scope.upload': ['上传', 'uploading'],
  'scope.manage': ['管理', 'managing'],
  'scope.evaluate': ['评测', 'evaluating'],
  'scope.audit': ['审计', 'auditing'],
  'scope.provision': ['同步目录', 'provisioning'],
  'scope.account': ['账号本身', 'the account itself'],
  'scope.act_as': ['代他人操作', 'acting as others'],
  'role.delegate': ['代理', 'Delegate'],
  'role.administrator': ['管理员', 'Administrator'],
  'role.evaluator': ['评测员', 'Evaluator'],

  'chat.title': ['问答', 'Ask'],
  'chat.hello': ['{name}，想查点什么？', 'What would you like to know, {name}?'],
  'chat.intro': ['回答只依据您有权查看的文档，并逐条注明出处；找不到依据时会直接告诉您。', 'Answers draw only on documents you may read and cite each of them. When nothing supports an answer, it says so.'],
  'chat.begin': ['还没有空间。先到“权限”页新建一个空间，再到“文档”页上传文件。', 'There is no space yet. Make one on the page “Access”, then upload files on the page “Documents”.'],
  'chat.nospaces': ['您还没有可读的空间，请联系管理员。', 'No space is open to you yet. Ask an administrator.'],
  'chat.scope': ['可检索的空间', 'Spaces searched'],
  'chat.new': ['新对话', 'New chat'],
  'chat.log': ['对话', 'Conversation'],
  'chat.input': ['输入问题', 'Your question'],
  'chat.placeholder': ['问一个关于公司文档的问题', 'Ask your documents'],
  'chat.send': ['发送', 'Send'],
  'chat.stop': ['停止', 'Stop'],
  'chat.model': ['回答所用的模型', 'Model that answers'],
  'chat.keys': ['Enter 发送，Shift+Enter 换行', 'Enter sends, Shift+Enter adds a line'],
  'chat.ailabel': ['内容由 AI 生成，请以引用的原文为准', 'AI-generated content. The cited sources are authoritative'],
  'chat.working': ['正在检索您有权查看的文档…', 'Searching the documents you may read…'],
  'chat.you': ['您的问题', 'You asked'],
  'chat.stopped': ['已停止，回答不完整。', 'Stopped. The answer is incomplete.'],
  'chat.retry': ['重试', 'Try again'],
  'asked.label': ['对问题的理解', 'How the question was understood'],
  'asked.question': ['按上文补全为：{value}', 'Completed from what was asked before: {value}'],
  'asked.parts': ['分为 {count} 个问题分别检索', 'Searched as {count} questions'],
  'asked.slip': ['同时检索“{value}”（{text}）', 'Also searched: {value} (for {text})'],
  'asked.time': ['{text} = {start} 至 {end}', '{text} = {start} to {end}'],
  'asked.since': ['{text} = {start} 起', '{text} = from {start}'],
  'asked.only': ['仅限 {field}：{value}', 'Only {field}: {value}'],
  'asked.except': ['排除 {field}：{value}', 'Without {field}: {value}'],
  'asked.space': ['空间', 'space'],
  'asked.type': ['类型', 'type'],
  'asked.tag': ['标签', 'tag'],
  'asked.owner': ['所有者', 'owner'],
  'asked.lang': ['语言', 'language'],
  'asked.after': ['起始时间', 'from'],
  'asked.before': ['早于', 'before'],
  'asked.date': ['时间', 'date'],
  'chat.interrupted': ['连接中断，回答不完整。', 'The connection broke and the answer is incomplete.'],
  'chat.announce': ['回答：{text} 共 {count} 条引用。', 'Answer: {text} {count} {count|citation|citations}.'],

  'answer.label': ['AI生成 / AI-generated', 'AI-generated / AI生成'],
  'answer.extractive': ['抽取式', 'Extractive'],
  'answer.extractive.hint': ['原文摘录：句子直接取自文档，不经大模型改写', 'Sentences taken verbatim from the documents, no language model involved'],
  'answer.llm': ['大模型', 'Language model'],
  'answer.llm.hint': ['由大语言模型依据引用的原文撰写', 'Written by a language model from the cited passages'],
  'answer.refused': ['未找到依据', 'No support found'],
  'answer.sources': ['引用', 'Sources'],
  'answer.copy': ['复制回答', 'Copy answer'],
  'answer.copied': ['已复制', 'Copied'],
  'answer.copylabel': ['本内容由人工智能生成（AI-generated）', 'This content is AI-generated (本内容由人工智能生成)'],

  'cite.chip': ['引用 {marker}：{title}，{place}', 'Source {marker}: {title}, {place}'],
  'cite.partial': ['部分支持', 'Partly supported'],
  'place.page': ['第 {page} 页', 'Page {page}'],
  'place.none': ['全文', 'Whole document'],

  'viewer.loading': ['正在打开原文…', 'Opening the source…'],
  'viewer.close': ['关闭（Esc）', 'Close (Esc)'],
  'viewer.previous': ['上一条引用', 'Previous source'],
  'viewer.next': ['下一条引用', 'Next source'],
  'viewer.link': ['复制引用链接', 'Copy citation link'],
  'viewer.linked': ['链接已复制。打开时仍会检查权限。', 'Link copied. Opening it still checks permissions.'],
  'viewer.title': ['引用原文', 'Cited source'],
  'viewer.superseded': ['已有更新版本', 'Superseded'],
  'viewer.superseded.hint': ['回答引用的是当时的版本，该文档之后已更新。', 'The answer cites the version read at the time; the document has changed since.'],
  'viewer.quote': ['引文', 'Quote'],
  'viewer.passage': ['所在段落', 'Passage'],
  'viewer.zoomin': ['放大', 'Zoom in'],
  'viewer.zoomout': ['缩小', 'Zoom out'],
  'viewer.fit': ['适合宽度', 'Fit width'],
  'viewer.imagealt': ['{title}，第 {page} 页，引文已标出', '{title}, page {page}, with the quote marked'],
  'viewer.imagefailed': ['页面图像无法显示：{detail}', 'The page image cannot be shown: {detail}'],
  'viewer.retry': ['重试', 'Try again'],
  'viewer.place': ['位置', 'Location'],

  'docs.title': ['文档', 'Documents'],
  'docs.intro': ['您有权查看的文档。', 'The documents you may read.'],
  'docs.space': ['空间', 'Space'],
  'docs.allspaces': ['全部空间', 'All spaces'],
  'docs.refresh': ['刷新', 'Refresh'],
  'docs.name': ['标题', 'Title'],
  'docs.type': ['类型', 'Type'],
  'docs.pages': ['页数', 'Pages'],
  'docs.state': ['状态', 'State'],
  'docs.date': ['更新时间', 'Updated'],
  'docs.actions': ['操作', 'Actions'],
  'docs.empty': ['这里还没有您可以查看的文档。', 'There is no document you may read here yet.'],
  'docs.more': ['加载更多', 'Load more'],
  'docs.loading': ['正在加载…', 'Loading…'],
  'docs.warnings': ['{count} 处警告', '{count} {count|warning|warnings}'],
  'docs.replace': ['上传新版本', 'Upload a new version'],
  'docs.delete': ['删除', 'Delete'],
  'docs.delete.ask': ['删除这份文档？', 'Delete this document?'],
  'docs.delete.text': ['“{title}”将立即停止用于回答，已有的引用也无法再打开。此操作不能撤销。', '“{title}” stops answering at once and its citations no longer open. This cannot be undone.'],
  'docs.deleted': ['已删除“{title}”。', 'Deleted “{title}”.'],

  'term.title': ['术语', 'Terms'],
  'term.intro': ['同义词、缩写和产品名称：提问时会一并检索', 'Synonyms, abbreviations and product names: a question finds them all'],
  'term.space': ['空间', 'Space'],
  'term.name': ['术语', 'Term'],
  'term.synonyms': ['同义词', 'Synonyms'],
  'term.between': ['用 | 分隔', 'Separated by |'],
  'term.author': ['修改人', 'Changed by'],
  'term.date': ['修改时间', 'Changed'],
  'term.actions': ['操作', 'Actions'],
  'term.save': ['保存', 'Save'],
  'term.edit': ['编辑', 'Edit'],
  'term.remove': ['删除术语“{name}”', 'Remove the term “{name}”'],
  'term.import': ['导入 CSV', 'Import CSV'],
  'term.export': ['导出 CSV', 'Export CSV'],
  'term.empty': ['该空间还没有术语。', 'This space has no terms yet.'],
  'term.empty.edit': ['该空间还没有术语。在上方添加，或导入 CSV（列：term, synonyms, language）。', 'This space has no terms yet. Add one above, or import CSV with the columns term, synonyms, language.'],
  'term.saved': ['已保存术语“{name}”。', 'The term “{name}” is saved.'],
  'term.imported': ['新增 {added} 条，共 {total} 条术语。', '{added} terms added, {total} in all.'],
  'term.toolarge': ['文件过大，未导入。', 'The file is too large and was not imported.'],

  'src.title': ['来源', 'Sources'],
  'src.intro': ['自动同步文档的文件夹和存储', 'Folders and stores that documents come from by themselves'],
  'src.name': ['名称', 'Name'],
  'src.kind': ['类型', 'Kind'],
  'src.kind.folder': ['文件夹', 'Folder'],
  'src.kind.s3': ['对象存储', 'Object storage'],
  'src.kind.webdav': ['WebDAV', 'WebDAV'],
  'src.kind.push': ['外部推送', 'Pushed'],
  'src.space': ['空间', 'Space'],
  'src.count': ['文档 / 文件', 'Documents / items'],
  'src.state': ['状态', 'State'],
  'src.state.good': ['正常', 'Fine'],
  'src.state.bad': ['有错误', 'Errors'],
  'src.syncing': ['正在同步', 'Syncing'],
  'src.errors': ['{count} 个文件失败', '{count} {count|item|items} failed'],
  'src.synced': ['上次同步', 'Last sync'],
  'src.actions': ['操作', 'Actions'],
  'src.sync': ['立即同步', 'Sync now'],
  'src.empty': ['还没有来源。管理员用命令 wenyuan sources add 添加。', 'There is no source yet. An administrator adds one with wenyuan sources add.'],
  'quarantine.title': ['隔离', 'Quarantine'],
  'quarantine.hint': ['若文档内容被篡改、带有指令或干扰检索，可将其隔离：它不再出现在检索和回答中，仍可打开查看。', 'Where a document was tampered with, carries instructions or gets in the way of answers, keep it out: it is no longer found or quoted, and can still be opened.'],
  'quarantine.held': ['已隔离', 'In quarantine'],
  'quarantine.held.hint': ['这份文档不出现在检索和回答中。', 'This document appears in no search and no answer.'],
  'quarantine.put': ['隔离', 'Keep out'],
  'quarantine.release': ['解除隔离', 'Release'],
  'details.none': ['这份文档没有摘要信息。', 'Nothing was found out about this document.'],
  'details.summary': ['摘要', 'Summary'],
  'details.by.extractive': ['原文摘句', 'sentences of the document'],
  'details.by.llm': ['AI 生成', 'AI-generated'],
  'details.keywords': ['关键词', 'Keywords'],
  'details.terms': ['定义与简称', 'Terms'],
  'details.names': ['机构与文件', 'Names'],
  'details.similar': ['近似重复', 'Near-duplicates'],
  'details.same': ['同一文件', 'the same file'],
  'details.alike': ['{percent}% 相同', '{percent}% alike'],
  'pages.title': ['页面', 'Pages'],
  'pages.count': ['共 {count} 页', '{count} in all'],
  'pages.layer': ['{count} 页都有文字层，没有用到图像识别。', 'All {count} pages have their own text; none was recognised from its image.'],
  'pages.failed': ['{count} 页没有读出来，不会用于回答。', '{count} pages could not be read and answer nothing.'],
  'pages.own': ['自带文字', 'own text'],
  'pages.look': ['查看页面', 'Look at the pages'],
  'pages.of': ['第 {number} / {count} 页', 'Page {number} of {count}'],
  'pages.alt': ['第 {number} 页的图像', 'Image of page {number}'],
  'pages.previous': ['上一页', 'Previous page'],
  'pages.next': ['下一页', 'Next page'],
  'pages.read': ['{count} 页由图像识别，平均可信度 {percent}%。', '{count} pages were recognised from images, mean confidence {percent} %.'],
  'pages.confidence': ['可信度 {percent}%', 'confidence {percent} %'],
  'figures.title': ['图与公式', 'Figures and formulas'],
  'figures.count': ['共 {count} 个', '{count} in all'],
  'figures.figure': ['图', 'Figure'],
  'figures.formula': ['公式', 'Formula'],
  'figures.open': ['打开：{name}', 'Open: {name}'],
  'figures.alt': ['{name} 的图像', 'Picture of {name}'],
  'figures.uncaptioned': ['无图题', 'No caption'],
  'figures.nopicture': ['没有图像', 'No picture'],
  'figures.failed': ['图像无法显示', 'The picture cannot be shown'],
  'figures.reference': ['正文提到', 'Referred to in'],
  'figures.before': ['前文', 'Before it'],
  'figures.after': ['后文', 'After it'],
  'figures.text': ['图中文字', 'Text in it'],
  'details.versions': ['版本', 'Versions'],
  'details.current': ['当前', 'Current'],
  'details.text': ['查看文本', 'Text'],
  'details.compare': ['与上一版本比较', 'Compare with the one before'],
  'details.back': ['返回', 'Back'],
  'date.issued': ['发布日期', 'Issued'],
  'date.effective': ['施行日期', 'Effective'],
  'date.expires': ['有效期至', 'Expires'],
  'date.repealed': ['废止日期', 'Repealed'],
  'kind.contract': ['合同', 'Contract'],
  'kind.law': ['法律法规', 'Law'],
  'kind.handbook': ['手册', 'Handbook'],
  'kind.report': ['报告', 'Report'],
  'kind.invoice': ['发票', 'Invoice'],
  'kind.standard': ['标准', 'Standard'],
  'kind.policy': ['制度', 'Policy'],
  'kind.resume': ['简历', 'Résumé'],
  'kind.minutes': ['会议纪要', 'Minutes'],
  'kind.mail': ['邮件', 'Mail'],
  'kind.manual': ['说明书', 'Manual'],
  'kind.paper': ['论文', 'Paper'],
  'kind.unknown': ['类型不明', 'Unknown kind'],
  'language.zh': ['中文', 'Chinese'],
  'language.en': ['英文', 'English'],
  'diff.counts': ['修改 {changed} 处，新增 {added} 处，删除 {removed} 处', '{changed} changed, {added} added, {removed} removed'],
  'diff.none': ['文字没有变化。', 'The text is the same.'],
  'diff.changed': ['修改', 'Changed'],
  'diff.added': ['新增', 'Added'],
  'diff.removed': ['删除', 'Removed'],
  'correct.edit': ['更正', 'Correct'],
  'correct.save': ['保存更正', 'Save'],
  'correct.busy': ['正在应用更正…', 'Applying the correction…'],
  'correct.done': ['更正已生效。', 'The correction is in force.'],
  'correct.marked': ['已更正', 'Corrected'],
  'correct.was': ['原文：', 'As parsed:'],
  'copy.failed': ['浏览器不允许复制', 'The browser refused to copy'],
  cancel: ['取消', 'Cancel'],
  dismiss: ['移除', 'Dismiss'],
  'state.published': ['可用', 'Ready'],
  'state.processing': ['处理中', 'Processing'],
  'state.failed': ['失败', 'Failed'],

  'up.title': ['上传文档', 'Upload documents'],
  'up.drop': ['把文件拖到这里，或', 'Drop files here, or'],
  'up.pick': ['选择文件', 'choose files'],
  'up.or': ['或', 'or'],
  'up.pickfolder': ['选择文件夹', 'a folder'],
  'up.toomany': ['一次最多选择 2000 个文件。', 'At most 2,000 files at a time.'],
  'up.preview': ['预览切分', 'Preview'],
  'up.previewof': ['预览 {name} 会怎样切分', 'Preview how {name} would be cut'],
  'up.types': ['PDF、OFD、扫描件与图片、Word、Excel、PowerPoint、OpenDocument、RTF、EPUB、网页、Markdown、邮件、字幕、JSON 和文本；ZIP 内每个文件成为一个文档', 'PDF, OFD, scans and images, Word, Excel, PowerPoint, OpenDocument, RTF, EPUB, web pages, Markdown, mail, subtitles, JSON and text; each file in a ZIP becomes a document'],
  'up.space': ['上传到空间', 'Space'],
  'up.filetitle': ['{name} 的标题', 'Title of {name}'],
  'up.remove': ['移除 {name}', 'Remove {name}'],
  'up.start': ['上传 {count} 个文件', 'Upload {count} {count|file|files}'],
  'up.who': ['谁可以查看', 'Who may read'],
  'up.who.space': ['空间的读者', 'The space’s readers'],
  'up.who.space.hint': ['随空间或所选文件夹的读者变化，推荐。', 'Follows the readers of the space or the chosen folder. Recommended.'],
  'up.who.policy': ['指定范围', 'Chosen people'],
  'up.who.policy.hint': ['只对这批文件生效；拒绝优先于允许。', 'For these files only; deny wins over allow.'],
  'policy.allow': ['允许', 'Allow'],
  'policy.deny': ['拒绝', 'Deny'],
  'policy.kind': ['对象类型', 'Kind'],
  'policy.user': ['用户', 'User'],
  'policy.group': ['用户组', 'Group'],
  'policy.department': ['部门（含下级）', 'Department (with those below)'],
  'policy.role': ['岗位角色', 'Role in the company'],
  'policy.entryuntil': ['此项有效期至', 'This row counts until'],
  'policy.more': ['更多条件', 'More conditions'],
  'policy.inherits': ['同时继承空间或文件夹的权限', 'Also inherit from the space or folder'],
  'policy.staff': ['仅限正式员工', 'Staff only'],
  'policy.compartments': ['知悉范围（隔离类别，用逗号分隔）', 'Need to know (compartments, separated by commas)'],
  'policy.from': ['自此时起可查看', 'Readable from'],
  'policy.until': ['到此时为止', 'Readable until'],
  'up.folder': ['放入文件夹', 'Folder'],
  'up.folder.none': ['（空间根目录）', '(the space itself)'],
  'policy.everyone': ['所有人', 'Everyone'],
  'policy.name': ['名称', 'Name'],
  'policy.add': ['添加一行', 'Add a row'],
  'policy.remove': ['移除这一行', 'Remove this row'],
  'policy.classification': ['密级', 'Classification'],
  'policy.empty': ['请至少允许一个对象，否则没有人能查看。', 'Allow at least one subject, or nobody can read the files.'],
  'policy.incomplete': ['请填写每一行的名称。', 'Fill in the name in every row.'],
  'class.0': ['公开', 'Public'],
  'class.1': ['内部', 'Internal'],
  'class.2': ['秘密', 'Secret'],
  'class.3': ['机密', 'Confidential'],

  'preview.title': ['“{name}”会这样切分', 'How “{name}” would be cut'],
  'preview.tokens': ['段落长度上限（token）', 'Most tokens of a passage'],
  'preview.breaks': ['无标题长文的话题分界', 'Topic breaks in long text without headings'],
  'preview.breaks.lexical': ['看用词', 'Where words change'],
  'preview.breaks.embedding': ['看句向量', 'Where sentence vectors turn'],
  'preview.breaks.off': ['不找', 'None'],
  'preview.default': ['按系统设置', 'As configured'],
  'preview.again': ['重新切分', 'Cut again'],
  'preview.busy': ['正在解析和切分，不会保存文件…', 'Parsing and cutting; the file is not kept…'],
  'preview.done': ['切分为 {count} 段。', 'Cut into {count} {count|passage|passages}.'],
  'preview.count.chunks': ['段落', 'Passages'],
  'preview.count.sections': ['章节', 'Sections'],
  'preview.count.pages': ['页', 'Pages'],
  'preview.count.tables': ['表格', 'Tables'],
  'preview.count.figures': ['图', 'Figures'],
  'preview.count.size': ['最短 – 中位 – 最长', 'Smallest – median – largest'],
  'preview.count.limit': ['长度上限', 'Limit'],
  'preview.sizes': ['段落长度分布（token）', 'Passages by tokens'],
  'preview.chunks': ['段落', 'Passages'],
  'preview.tokencount': ['{count} token', '{count} tokens'],
  'preview.context': ['检索时放在段落前的标题路径', 'Heading path that is put before the passage for search'],
  'preview.left': ['只显示前 {count} 段。', 'Only the first {count} passages are shown.'],

  'job.title': ['处理进度', 'Progress'],
  'job.total': ['{count} 个文件，已完成 {done} 个', '{done} of {count} files done'],
  'job.totalfailed': ['{count} 个文件，已完成 {done} 个，失败 {failed} 个', '{done} of {count} files done, {failed} failed'],
  'job.tidy': ['清除已完成', 'Clear finished'],
  'job.waiting': ['等待上传', 'Waiting'],
  'job.unpacked': ['已解包：{count} 个文件，接收 {accepted} 个', 'Unpacked: {count} files, {accepted} taken'],
  'job.uploading': ['上传中 {percent}%', 'Uploading {percent}%'],
  'job.queued': ['排队中', 'Queued'],
  'job.received': ['已接收', 'Received'],
  'job.parse': ['解析', 'Parsing'],
  'job.chunk': ['切分', 'Chunking'],
  'job.embed': ['向量化', 'Embedding'],
  'job.enrich': ['提取摘要', 'Describing'],
  'job.index': ['建立索引', 'Indexing'],
  'job.publish': ['发布', 'Publishing'],
  'job.count.page': ['{stage} · 第 {done} / {total} 页', '{stage} · page {done} of {total}'],
  'job.count.chunk': ['{stage} · {done} / {total} 段', '{stage} · {done} of {total} passages'],
  'job.attempt': ['{status}（第 {attempt} 次尝试）', '{status} (attempt {attempt})'],
  'job.done': ['完成，可以提问了', 'Done, ready for questions'],
  'job.duplicate': ['内容与现有版本相同，无需更新', 'Same content as the current version, nothing to do'],
  'job.failed': ['失败', 'Failed'],
  'job.bar': ['{name} 的处理进度', 'Progress of {name}'],
  'job.lost': ['与服务器的连接中断，文件仍在后台处理。', 'The connection broke; the server goes on with the file.'],
  'job.follow': ['继续查看', 'Follow again'],
  'job.document': ['文档', 'Document'],

  'error.network': ['无法连接服务器。请检查网络后重试。', 'The server cannot be reached. Check the network and try again.'],
  'error.unknown': ['出错了，请重试。', 'Something went wrong. Try again.'],
};

const params = new WeakMap();
let current = initial();

function initial() {
  const kept = localStorage.getItem(KEY);
  if (kept === 'zh' || kept === 'en') return kept;
  return (navigator.language || 'zh').toLowerCase().startsWith('zh') ? 'zh' : 'en';
}

/** The language of the page: "zh" or "en". */
export function language() {
  return current;
}

/** Change the language, remember it, and rewrite all bound text in place. */
export function setLanguage(value) {
  current = value;
  localStorage.setItem(KEY, value);
  applyLanguage();
  document.dispatchEvent(new CustomEvent('wenyuan:language'));
}

/** True when there is a string for `key`. */
export function has(key) {
  return Object.hasOwn(STRINGS, key);
}

/**
 * The string for `key`; a parameter may be a function, it is called so that it follows the language.
 * `{count|file|files}` is the first word where `count` is 1, else the second.
 */
export function t(key, values = {}) {
  const text = STRINGS[key][current === 'zh' ? 0 : 1];
  return text.replace(/\{(\w+)(?:\|([^|}]*)\|([^}]*))?\}/g, (_, name, one, many) => {
    const given = values[name];
    const value = typeof given === 'function' ? given() : given;
    return many === undefined ? cleanLine(value) : Number(value) === 1 ? one : many;
  });
}

/** Show `key` as the text of `element`, now and after each change of language. */
export function bindText(element, key, values = {}) {
  element.dataset.i18n = key;
  remember(element, 'text', values);
  element.textContent = t(key, values);
}

/** Show `key` as an attribute of `element`, now and after each change of language. */
export function bindAttribute(element, attribute, key, values = {}) {
  const others = (element.dataset.i18nAttrs ?? '').split(';').filter((pair) => pair && !pair.startsWith(`${attribute}:`));
  element.dataset.i18nAttrs = [...others, `${attribute}:${key}`].join(';');
  remember(element, attribute, values);
  element.setAttribute(attribute, t(key, values));
}

function remember(element, slot, values) {
  params.set(element, { ...params.get(element), [slot]: values });
}

/** Rewrite everything that is bound, markup of index.html included. */
export function applyLanguage() {
  document.documentElement.lang = current === 'zh' ? 'zh-CN' : 'en';
  document.title = t('page.title');
  for (const element of document.querySelectorAll('[data-i18n]')) {
    element.textContent = t(element.dataset.i18n, params.get(element)?.text);
  }
  for (const element of document.querySelectorAll('[data-i18n-attrs]')) {
    for (const pair of element.dataset.i18nAttrs.split(';')) {
      const [attribute, key] = pair.split(':');
      element.setAttribute(attribute, t(key, params.get(element)?.[attribute]));
    }
  }
}

/** A date and time for people, in the language of the page; `seconds` since 1970. */
export function dateTime(seconds) {
  const date = new Date(seconds * 1000);
  if (!seconds || Number.isNaN(date.getTime())) return '';
  return new Intl.DateTimeFormat(current === 'zh' ? 'zh-CN' : 'en-GB', { dateStyle: 'medium', timeStyle: 'short' }).format(date);
}

/** [key, params] of the sentence for an error of the API client; bind it to show it. */
export function sentence(error) {
  if (error?.detail) return ['raw', { value: error.detail }];
  if (error?.code) return ['raw', { value: error.code }];
  return [error?.sentence ?? 'error.unknown', {}];
}
