#include "cli/table.hpp"

#include <gtest/gtest.h>

namespace tepui::cli {
namespace {

TEST(TableTest, ColumnsAreAsWideAsTheirWidestCellAndTheLastIsNotPadded) {
  Table table({"ID", ">CPUS", "STATE"});
  table.add_row({"a", "0.5", "running"});
  table.add_row({"longer", "12", "x"});
  EXPECT_EQ(table.format(),
            "ID      CPUS  STATE\n"
            "a        0.5  running\n"
            "longer    12  x\n");
}

TEST(TableTest, EscapeSequencesOfATaskNameDoNotReachTheTerminal) {
  Table table({"NAME"});
  table.add_row({"\x1b[2Jevil\n"});
  EXPECT_EQ(table.format(), "NAME\n?[2Jevil?\n");
}

TEST(TableTest, LettersOfSeveralBytesCountAsOneColumn) {
  Table table({"N", "X"});
  table.add_row({"\xc3\xa9", "1"});
  EXPECT_EQ(table.format(), "N  X\n\xc3\xa9  1\n");
}

TEST(TableTest, MebibytesTurnIntoGibibytesWhenThereAreMany) {
  EXPECT_EQ(format_mebibytes(64), "64 MiB");
  EXPECT_EQ(format_mebibytes(1536), "1.5 GiB");
}

}  // namespace
}  // namespace tepui::cli
