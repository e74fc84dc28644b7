"""Questions over tables: exact answers over files of our own choice, and the public set TAT-QA."""
