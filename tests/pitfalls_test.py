#!/usr/bin/env python3
"""The check of pitfalls.md finds what it is there to find."""
import pathlib
import tempfile
import unittest

import pitfalls


class PitfallsTest(unittest.TestCase):
    def faults(self, text):
        with tempfile.TemporaryDirectory() as folder:
            tests = pathlib.Path(folder)
            (tests / "a_test.cpp").write_text('TEST_CASE("one"\n    " sentence") {}\n'
                                              'TEST_CASE_FIXTURE(Some, "another") {}\n', encoding="utf-8")
            (tests / "b_test.py").write_text("def test_it():\n    pass\n", encoding="utf-8")
            (tests / "c.toml").write_text('says = "a scenario"\n', encoding="utf-8")
            return list(pitfalls.faults(text.splitlines(), tests))

    def test_what_is_there_is_fine(self):
        self.assertEqual(self.faults("- **A1** x\n  - `a_test.cpp`: one sentence\n  - `a_test.cpp`: another\n"
                                     "- **A2** x\n  - `b_test.py`: test_it\n- **B1** x\n  - open: it\n"
                                     "- **B2** x\n  - `c.toml`: a scenario\n"), [])

    def test_a_sentence_that_is_gone_is_found(self):
        self.assertEqual(len(self.faults("- **A1** x\n  - `a_test.cpp`: one\n")), 1)

    def test_a_file_that_is_gone_is_found(self):
        self.assertEqual(len(self.faults("- **A1** x\n  - `d_test.cpp`: one\n")), 1)

    def test_an_item_without_an_answer_is_found(self):
        self.assertEqual(len(self.faults("- **A1** x\n- **A2** x\n")), 2)

    def test_a_missing_number_is_found(self):
        self.assertEqual(len(self.faults("- **A1** x\n  - open: y\n- **A3** x\n  - open: y\n")), 1)

    def test_a_line_of_another_form_is_found(self):
        self.assertEqual(len(self.faults("- **A1** x\n  - open: y\n  - somewhere\n")), 1)

    def test_an_empty_table_is_none(self):
        self.assertEqual(len(self.faults("")), 1)


if __name__ == "__main__":
    unittest.main()
