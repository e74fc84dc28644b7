"""Generator of the demo corpus: the documents of a fictional switchgear maker.

The texts stand in ``content/`` in a small Markdown dialect (see :mod:`.source`); the writers turn each of
them into the format it is published in. Run ``python -m scripts.demo_corpus --out eval/demo/corpus``.
"""
