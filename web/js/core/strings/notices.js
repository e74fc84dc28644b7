// Sentences of what an answer says of itself beside its text, by the codes of the service. key → [中文, English].

export const NOTICE_STRINGS = {
  'notice.llm.fallback': ['大模型暂不可用，已改用抽取式回答。', 'The language model is unavailable; the answer is extractive.'],
  'notice.llm.unsupported': ['大模型的回答没有文档依据，已改用抽取式回答。', 'The documents carry nothing of what the model said; the answer is extractive.'],
  'notice.llm.withheld': ['部分语句没有文档依据，已隐去。', 'Sentences without support in the documents were left out.'],
  'notice.llm.marked': ['划线的语句没有找到文档依据。', 'Sentences struck through were not found in the documents.'],
  'notice.llm.interrupted': ['大模型中途中断，回答不完整。', 'The language model broke off; the answer is incomplete.'],
  'notice.evidence.limited': ['共有 {m} 段相关内容，本回答依据其中的 {n} 段；缩小问题范围可以看到其余部分。', '{m} passages belong to this question; the answer rests on {n} of them. A narrower question shows the others.'],
  'notice.answer.conflict': ['各文档的说法不一致，已分别列出，请核对。', 'The documents say different things. Each is shown with what it says; please check.'],
  'notice.answer.superseded': ['部分内容所在的文档已有新版代替，回答中已注明。', 'Some of this stands in a document that a newer one has replaced; the answer says which.'],
  'notice.answer.premise': ['提问中的说法与文档不符，以文档原文为准。', 'The documents do not say what the question says; their words are quoted.'],
  'notice.guard.withheld': ['部分内容涉及不予提供的类别，已隐去。', 'Some of the answer fell into a category that is not given and was left out.'],
  'notice.guard.personal': ['回答或引用中含有个人信息，请按规定使用。', 'The answer or its sources hold personal data. Handle it by the rules.'],
  'notice.guard.instructions': ['文档中对机器发出的指令未作为答案。', 'Words in a document that speak to a machine were not given as an answer.'],
  'notice.table.partial': ['表格中有您无权查看的行，计算未包含这些行。', 'Rows of the table are closed to you; they are not part of the reckoning.'],
  'notice.table.readings': ['符合提问的数据不止一处，请按出处区分。', 'More than one figure fits the question. See where each of them stands.'],
  'notice.other': ['提示：{code}', 'Notice: {code}'],
};
