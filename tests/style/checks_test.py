"""Shows that every style check can fail, and that it lets correct text pass. Trees are small and live in memory."""
import os
import sys
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))), "tools"))
import check_glossary  # noqa: E402
import check_layers  # noqa: E402
import check_length  # noqa: E402
import check_rooms  # noqa: E402
import tree  # noqa: E402

TABLE = "# A\n```layers\nlib/base -\nlib/http lib/base\nagent lib/*\n```\n"
GLOSSARY = "| word | means | not |\n|---|---|---|\n| agent | the daemon | slave, minion |\n"


def layers(**files):
    tree_files = {"docs/architecture.md": TABLE, "tools/raw_syscalls.txt": "lib/base/fd.cpp  # close\n"}
    tree_files.update({path.replace("__", "/"): text for path, text in files.items()})
    return check_layers.check(tree_files)


class CommentsTest(unittest.TestCase):
    def test_comments_and_literals_are_blanked_and_lines_kept(self):
        text = 'a /* x\n y */ b // c "d"\n"//e" \'"\' 1\'000 R"(f\n")" g'
        self.assertEqual(tree.without_comments(text), 'a \n b \n"" \'\' 1\'000 R""\n g')


class LayersTest(unittest.TestCase):
    def test_allowed_includes_pass(self):
        self.assertEqual(layers(**{"lib/http/a.cpp": '#include "lib/base/x.hpp"\n#include <vector>\n',
                                   "agent/a.cpp": '#include "lib/http/x.hpp"\n'}), [])

    def test_an_upward_include_is_found(self):
        found = layers(**{"lib/base/a.cpp": '\n#include "lib/http/x.hpp"\n'})
        self.assertEqual(found, ["lib/base/a.cpp:2: lib/base may not know lib/http (docs/architecture.md)"])

    def test_a_relative_include_is_found(self):
        self.assertEqual(len(layers(**{"lib/base/a.cpp": '#include "x.hpp"\n'})), 1)

    def test_a_link_the_table_forbids_is_found(self):
        self.assertEqual(len(layers(**{"lib/base/CMakeLists.txt": "tepui_library(x DEPS tepui_http)\n"})), 1)
        self.assertEqual(layers(**{"lib/http/CMakeLists.txt": "tepui_library(tepui_http DEPS tepui_base) # tepui_agent\n"}), [])

    def test_a_source_outside_every_room_is_found(self):
        self.assertEqual(len(layers(**{"stray/a.cpp": "int x;\n"})), 1)

    def test_each_rule_is_found_where_it_is_broken(self):
        for broken in ["boost::asio::co_spawn(a, b, c);", "#include <boost/beast/http.hpp>", "#include <mutex>",
                       "std::thread worker;", "#include <gtest/gtest.h>", "int fd = ::open(path, 0);",
                       "auto f = [&x](int y) -> Async<int> { co_return y; };",
                       "#include <boost/asio/experimental/awaitable_operators.hpp>"]:
            self.assertEqual(len(layers(**{"agent/a.cpp": broken + "\n"})), 1, broken)

    def test_rules_allow_their_place_and_comments(self):
        self.assertEqual(layers(**{"lib/base/fd.cpp": "::close(fd);\n", "agent/a.cpp": "// ::open( and co_spawn(\n"
                                   'auto s = "::open("; file.open("x"); std::filesystem::rename(a, b); sys::open(p);\n'}), [])

    def test_temporaries_that_gcc_destroys_twice_are_found_in_awaited_calls(self):
        for broken in ['auto r = co_await client.send({"GET", "/"});', "auto r = co_await f(\n  Call{a, b});",
                       "auto r = co_await pool.run(a, [path] { return read(path); });"]:
            self.assertEqual(len(layers(**{"agent/a.cpp": "void g() { " + broken + " }\n"})), 1, broken)
        for good in ["auto r = co_await f(std::move(call));", 'auto r = co_await f("{}", text(a[1]), b[2](3));',
                     "for (;;) { co_await f(); } if (x) { y(); }"]:
            self.assertEqual(layers(**{"agent/a.cpp": "void g() { " + good + " }\n"}), [], good)

    def test_a_missing_table_is_found(self):
        self.assertEqual(len(check_layers.check({"docs/architecture.md": "no table"})), 1)


class LengthTest(unittest.TestCase):
    def test_a_long_file_is_found(self):
        self.assertEqual(len(check_length.check({"a.cpp": "int x;\n" * 801})), 1)
        self.assertEqual(check_length.check({"a.cpp": "int x;\n" * 449}), [])

    def test_a_long_function_is_found_in_namespaces_classes_and_tests(self):
        body = "  a();\n" * 70
        for text in ["namespace a {\nclass B {\n void f(int x)\n  {\n%s}\n};\n}\n", "TEST(A, B) {\n%s}\n",
                     "struct stat f(int a) {\n%s}\n", "namespace {\nResult<void> A::b() const {\n%s}\n}\n"]:
            found = check_length.check({"a.cpp": text % body})
            self.assertEqual(len(found), 1, (text, found))
            self.assertEqual(check_length.check({"a.cpp": text % "  a();\n"}), [])

    def test_types_namespaces_and_tables_are_no_functions(self):
        long_table = "constexpr int kX[] = {\n" + "1,\n" * 90 + "};\n"
        long_class = "class A : public B<int> {\n" + "  int f();\n" * 90 + "};\n"
        self.assertEqual(check_length.check({"a.cpp": "namespace a::b {\n" + long_table + long_class + "}\n"}), [])

    def test_lengths_name_the_function(self):
        found = list(check_length.cpp_functions("int f() {\n if (a) {\n b();\n }\n}\nint g() { return 1; }\n"))
        self.assertEqual(found, [("f", 1, 5), ("g", 6, 1)])

    def test_a_long_python_function_is_found(self):
        self.assertEqual(len(check_length.check({"a.py": "def f():\n" + "    x = 1\n" * 71})), 1)


class GlossaryTest(unittest.TestCase):
    def check(self, path, text, allowed=""):
        return check_glossary.check({"docs/glossary.md": GLOSSARY, "tools/glossary_allowed.txt": allowed, path: text})

    def test_a_banned_word_is_found_in_every_spelling(self):
        for text in ["the slave", "int slave_count;", "class SlaveInfo", "kSlave", "Slaves", "minion"]:
            self.assertEqual(len(self.check("a.cpp", text + "\n")), 1, text)

    def test_other_words_are_left_alone(self):
        self.assertEqual(self.check("a.cpp", "enslaved dominion\n"), [])

    def test_the_allow_list_allows_one_word_in_one_place(self):
        self.assertEqual(self.check("api/a.cpp", "slave\n", "api/* slave\n"), [])
        self.assertEqual(len(self.check("api/a.cpp", "minion\n", "api/* slave\n")), 1)

    def test_a_quoted_word_in_the_allow_list_allows_it_in_literals_only(self):
        self.assertEqual(self.check("a.cpp", 'f("slaves/x");\n', 'a.cpp "slave"\n'), [])
        self.assertEqual(len(self.check("a.cpp", 'int slave = f("x"); // slave\n', 'a.cpp "slave"\n')), 2)

    def test_names_that_say_nothing_are_found(self):
        for text in ["int get_x();", "void handle_call(int);", "class TaskManager;", "struct FileUtils;"]:
            self.assertEqual(len(self.check("a.cpp", text + "\n")), 1, text)
        self.assertEqual(len(self.check("lib/string_utils.cpp", "\n")), 1)
        self.assertEqual(self.check("a.cpp", "other.get_x(); other::get_x(); std::get<1>(x); // get_x()\n"), [])


class RoomsTest(unittest.TestCase):
    def check(self, path, text):
        return check_rooms.check({"docs/architecture.md": TABLE, path: text})

    def test_a_room_without_readme_is_found(self):
        self.assertEqual(self.check("agent/a.cpp", "int x;\n"), ["agent/README.md: missing"])

    def test_a_long_readme_is_found(self):
        files = {"docs/architecture.md": TABLE, "agent/a.cpp": "", "agent/README.md": "x\n" * 41}
        self.assertEqual(len(check_rooms.check(files)), 1)

    def test_folders_of_one_machine_are_found(self):
        for text in ["see /home/someone/x", "cd /root/x", "/tmp/abc/x"]:
            self.assertEqual(len(self.check("docs/a.md", text + "\n")), 1, text)
        self.assertEqual(self.check("docs/a.md", "${X}/work/y and /tmp/tepui-x and a/work/b\n"), [])

    def test_open_work_needs_an_issue(self):
        self.assertEqual(len(self.check("tests/a.cpp", "// TODO: later\n")), 1)
        self.assertEqual(self.check("tests/a.cpp", "// TODO(#12): later\n"), [])

    def test_sleeping_and_disabled_tests_are_found(self):
        for text in ["std::this_thread::sleep_for(1s);", "usleep(5);", "TEST(A, DISABLED_B) {}", "EXPECT_TRUE(true);"]:
            self.assertEqual(len(self.check("tests/unit/a.cpp", text + "\n")), 1, text)

    def test_a_header_without_opening_line_or_guard_is_found(self):
        self.assertEqual(len(self.check("tests/a.hpp", "int x;\n")), 2)


if __name__ == "__main__":
    unittest.main()
