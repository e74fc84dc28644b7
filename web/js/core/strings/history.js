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
  'share.open': ['共享', 'Share'],
  'share.title': ['共享对话', 'Share a conversation'],
  'share.with': ['共享给', 'Share with'],
  'share.hint': ['每行一个：用户名，或 group:用户组名，须与您同属某个用户组或部门（管理者不限）；清空即停止共享。对方只看到其本人有权阅读的内容。', 'One a line: the name of a user, or group:name, with whom you have a group or department in common (managers: anybody); empty it to share no more. Others see what they may read themselves.'],
  'share.done': ['已共享给 {count} 个用户或用户组。', 'Shared with {count} users or groups.'],
  'share.nobody': ['不再共享。', 'Shared with nobody now.'],
  'history.failed': ['未能读取对话记录。', 'The stored conversations could not be read.'],
  'history.readonly': ['这是他人共享的对话；您的提问会开始新的对话。', 'Somebody shared this conversation; what you ask begins one of your own.'],
  'history.redacted': ['部分内容已隐去：其来源文档已删除或不再对您开放。', 'Parts are removed: their sources were deleted or are no longer open to you.'],
};
