// Sentences of stored conversations: key → [中文, English].

export const HISTORY_STRINGS = {
  'history.title': ['历史对话', 'History'],
  'history.none': ['还没有保存的对话。', 'No conversations are stored yet.'],
  'history.shared': ['他人与您共享', 'Shared with you'],
  'history.by': ['{title} · {owner}', '{title} · {owner}'],
  'history.untitled': ['未命名', 'Untitled'],
  'history.keep': ['保存本浏览器中的新对话', 'Store new conversations of this browser'],
  'history.delete': ['删除这个对话', 'Delete this conversation'],
  'history.rename': ['重命名', 'Rename'],
  'history.name': ['新名称', 'New name'],
  'history.export': ['导出', 'Export'],
  'history.failed': ['未能读取对话记录。', 'The stored conversations could not be read.'],
  'history.readonly': ['这是他人共享的对话；您的提问会开始新的对话。', 'Somebody shared this conversation; what you ask begins one of your own.'],
  'history.redacted': ['部分内容已隐去：其来源文档已删除或不再对您开放。', 'Parts are removed: their sources were deleted or are no longer open to you.'],
};
