#!/usr/bin/env python3
"""The layering check finds what it is there to find."""
import pathlib
import tempfile
import unittest

import layering


class LayeringTest(unittest.TestCase):
    def breaches(self, path, text):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / path
            file.parent.mkdir(parents=True)
            file.write_text(text, encoding="utf-8")
            return list(layering.violations(pathlib.Path(folder)))

    def test_an_include_downwards_is_fine(self):
        self.assertEqual(self.breaches("daemon/relay/a.cpp", '#include "daemon/dialect/dialect.h"\n'), [])

    def test_an_include_upwards_is_found(self):
        self.assertEqual(len(self.breaches("daemon/store/a.cpp", '#include "daemon/relay/relay.h"\n')), 1)

    def test_an_include_sideways_is_found(self):
        self.assertEqual(len(self.breaches("daemon/auth/a.h", '#include "daemon/routing/model_table.h"\n')), 1)

    def test_the_cli_and_the_daemon_do_not_know_each_other(self):
        self.assertEqual(len(self.breaches("cli/commands/a.cpp", '#include "daemon/daemon/daemon.h"\n')), 1)

    def test_one_dialect_does_not_know_another(self):
        text = '#include "daemon/dialect/anthropic/usage.h"\n'
        self.assertEqual(len(self.breaches("daemon/dialect/openai_chat/a.cpp", text)), 1)

    def test_a_fenced_library_outside_its_folder_is_found(self):
        self.assertEqual(len(self.breaches("daemon/relay/a.cpp", "#include <boost/asio.hpp>\n")), 1)

    def test_a_second_clock_is_found(self):
        self.assertEqual(len(self.breaches("daemon/relay/a.cpp", "auto t = std::chrono::steady_clock::now();\n")), 1)

    def test_an_await_inside_a_condition_is_found_and_one_behind_it_is_not(self):
        self.assertEqual(len(self.breaches("daemon/relay/a.cpp", "if (f(a) && co_await g(b)) return;\n")), 1)
        self.assertEqual(len(self.breaches("daemon/relay/a.cpp", "while (!co_await more()) {\n")), 1)
        self.assertEqual(self.breaches("daemon/relay/a.cpp", "if (ready(a)) co_return co_await g(b);\n"), [])

    def test_a_file_on_no_floor_is_found(self):
        self.assertEqual(len(self.breaches("daemon/misc/a.cpp", "\n")), 1)


if __name__ == "__main__":
    unittest.main()
