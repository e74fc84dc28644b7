"""How much of a question a text holds."""

from generation.scoring import asked_words, held_words


def test_words_that_only_ask_are_left_out_and_rare_ones_count_for_more() -> None:
    asked = asked_words("代頓協議於何年簽署？")
    assert "何年" not in asked
    assert asked["代顿"] > asked["签署"] > 0
    assert asked_words("什么？") == {}


def test_the_share_held_and_what_is_lacking() -> None:
    asked = asked_words("代頓協議於何年簽署？")
    whole, nothing = held_words(asked, "戰爭於1995年各方簽署代頓協議後停止。")
    assert whole == 1.0
    assert nothing == 0.0
    some, lacking = held_words(asked, "各方簽署了一項協議。")
    assert 0 < some < 0.7
    assert lacking > 0.8


def test_english_words_are_compared_by_their_stems() -> None:
    asked = asked_words("How many requests were submitted?")
    assert held_words(asked, "Each request is submitted twice.") == (1.0, 0.0)
    assert held_words(asked, "Nothing of the kind.")[0] == 0.0


def test_a_long_word_of_which_only_the_parts_are_there_counts_less() -> None:
    asked = asked_words("电磁兼容性")
    together, apart = held_words(asked, "电磁兼容性测试")[0], held_words(asked, "电磁、磁兼、兼容、容性")[0]
    assert 0 < apart < together == 1.0


def test_nothing_asked_is_no_share() -> None:
    assert held_words({}, "一句话。") == (0.0, 0.0)
