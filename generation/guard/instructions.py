"""Sentences of documents that speak to the machine that reads them, instead of to people.

They have no power over scope, tools or links, whatever they say. This is about the words alone: an answer that quotes
or repeats such a sentence would say to its reader what somebody planted there. Signs that manuals and scripts for
people show as well (run the command, tell the user) count only where two of them come together.
"""

import re
from typing import Final

from wenyuan.text import fold, strip_invisible

_AI_EN: Final = r"(?:ai|artificial intelligence|language model|llm|chatbot|assistant)s?"
_AI_ZH: Final = r"(?:ai|人工智能|智能|大模型|语言模型|问答)(?:助手|助理|模型|系统|机器人|客服|引擎)?"
_STRONG: Final = (
    (
        r"\b(?:ignore|disregard|forget|override|bypass)\b[^.!?\n]{0,40}\b"
        r"(?:previous|prior|above|earlier|preceding|all|any|your|system)\b"
        r"[^.!?\n]{0,30}\b(?:instructions?|prompts?|guidelines?|context|directions?)\b"
    ),
    r"\b(?:system|hidden|initial)\s+prompt\b",
    r"\byou are (?:now|no longer) (?:a|an|the|in|bound|dan)\b",
    rf"\b(?:pretend to be|act as|you are) (?:a|an|the)\b[^.!?\n]{{0,30}}\b(?:{_AI_EN}|dan|hacker)\b",
    (
        rf"\b{_AI_EN}\b[^.!?\n]{{0,40}}\b"
        r"(?:reading|processing|summari[sz]ing|must (?:answer|say|reply|tell|respond|output|state))\b"
    ),
    rf"\b(?:dear|attention|note to|message to|instructions? (?:to|for))\s*:?,?\s*(?:the |any |all )?{_AI_EN}\b",
    rf"(?:^|\n)\s*{_AI_EN}\s*[:,]",
    r"\b(?:in|to|of) (?:your|every|each) (?:next |final )?(?:answers?|responses?|repl(?:y|ies)|outputs?)\b",
    r"\b(?:respond|reply|answer)\b[^.!?\n]{0,24}\b(?:only|exactly|solely|nothing but|verbatim)\b",
    (
        r"\b(?:do not|don't|never)\s+(?:mention|reveal|disclose)\b[^.!?\n]{0,24}\b"
        r"(?:this|these) (?:instructions?|note|message|text)\b"
    ),
    r"\b(?:developer|jailbreak|god|dan) mode\b",
    r"(?:忽略|无视|忘记|忘掉|不要理会|抛开|绕过)[^。！？\n]{0,16}(?:指令|指示|提示词|设定|上下文|约束|之前的|上述|以上)",
    r"(?:系统|初始|隐藏)(?:提示词|提示|指令)",
    r"你(?:现在|从现在起|不再)[^。！？\n]{0,8}(?:是|扮演|充当)",
    r"(?:扮演|假装(?:你)?是|充当)[^。！？\n]{0,12}(?:ai|助手|模型|机器人|黑客)",
    rf"{_AI_ZH}[^。！？\n]{{0,16}}(?:必须|务必|请|只能|须|应)(?:在|将|把|以)?[^。！？\n]{{0,12}}(?:回答|回复|输出|答复|告诉|告知|说|执行|遵)",
    rf"(?:致|写给|提醒|告(?:知|诉)?)(?:所有|任何|阅读[^。！？\n]{{0,6}}的)?{_AI_ZH}(?:[:,。!]|$)",
    r"(?:你的|每次|所有|下一?个)(?:回答|回复|答复|输出)",
    r"(?:在|于)(?:回答|回复|答复|输出)的?(?:末尾|结尾|开头|最后)",
    r"(?:只|仅|必须|务必|一律)(?:需|能|要)?(?:回答|回复|输出|答复)",
    r"(?:不要|不得|切勿|禁止|别)(?:提及|透露|说出|泄露)(?:这条|本条|这段|本段|此段|上述)(?:指令|内容|文字|说明)",
    r"(?:开发者|越狱|上帝)模式",
    r"<\|?/?(?:system|im_start|im_end|assistant|inst)\|?>",
    r"\[/?inst\]",
    r"(?:^|\n)\s*(?:system|assistant)\s*:",
    r'"(?:tool|function|tool_calls?|function_call)"\s*:',
)
_WEAK: Final = (
    r"\b(?:when|if|whenever)\b[^.!?\n]{0,50}\b(?:asked|asks|answering|user)\b",
    r"\btell (?:the |every |any )?(?:user|reader|person|employee)s?\b",
    r"\b(?:say|state|answer|reply|respond|output) (?:that|with)\b",
    r"\b(?:call|invoke|execute) (?:the )?[a-z_]*\s?(?:tool|function|plugin|api)\b",
    r"\bdecode\b",
    r"\b(?:new|updated|real) (?:instructions?|task|directive)\b",
    r"\b(?:recommend|direct|send) (?:them|users|the user|everyone) to\b",
    r"\bregardless of (?:the|what|any)\b",
    r"(?:当|如果|若|凡是|每当|一旦)[^。！？\n]{0,20}(?:用户|有人|提问|询问|问到|问起)",
    r"(?:告诉|告知|引导|要求)(?:用户|读者|提问者|询问者)",
    r"(?:回答|回复|答复|输出)(?:说|为|:|“|\")",
    r"(?:调用|执行)[^。！？\n]{0,12}(?:工具|函数|插件)",
    r"(?:解码|解密)",
    r"(?:新的?|真正的?)(?:指令|任务|指示)",
    r"无论[^。！？\n]{0,16}(?:问|资料|文档|内容)",
)
_ONE: Final = re.compile("|".join(_STRONG))
_SIGNS: Final = tuple(map(re.compile, _WEAK))
_ENOUGH: Final = 2


def speaks_to_machine(text: str) -> bool:
    """Whether a text of an answer is, or holds, what is addressed to a machine that answers with it."""
    said = fold(strip_invisible(text))
    return bool(_ONE.search(said)) or sum(sign.search(said) is not None for sign in _SIGNS) >= _ENOUGH
