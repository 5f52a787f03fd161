#include "master/registry.hpp"

#include <sqlite3.h>

#include <fstream>

#include <gtest/gtest.h>

#include "tests/fakes/temp_dir.hpp"

namespace tepui::master {
namespace {

class RegistryTest : public ::testing::Test {
 protected:
  [[nodiscard]] std::string path() const { return folder_ / "registry.db"; }

  std::unique_ptr<Registry> open() {
    auto registry = Registry::open(path());
    EXPECT_TRUE(registry) << registry.error().to_string();
    return registry ? std::move(*registry) : nullptr;
  }

  void run_sql(const char* sql) {
    sqlite3* database = nullptr;
    ASSERT_EQ(sqlite3_open(path().c_str(), &database), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(database, sql, nullptr, nullptr, nullptr), SQLITE_OK);
    sqlite3_close(database);
  }

  void expect_refused(ErrorCode code, const std::string& word) {
    const auto registry = Registry::open(path());
    ASSERT_FALSE(registry);
    EXPECT_EQ(registry.error().code(), code) << registry.error().to_string();
    EXPECT_NE(registry.error().to_string().find(path()), std::string::npos) << registry.error().to_string();
    EXPECT_NE(registry.error().to_string().find(word), std::string::npos) << registry.error().to_string();
  }

  TempDir folder_;
};

TEST_F(RegistryTest, WhatWasWrittenIsThereAfterReopening) {
  const std::string bytes("\x00\xff\n", 3);
  {
    auto registry = open();
    EXPECT_TRUE(registry->read()->empty());
    ASSERT_TRUE(registry->write({{{{"agents/a", "1"}, {"agents/b", bytes}}, {}}}));
    ASSERT_TRUE(registry->write({{{{"agents/a", "2"}}, {}}, {{}, {"no such key"}}}));
  }
  EXPECT_EQ(*open()->read(), (RegistryContents{{"agents/a", "2"}, {"agents/b", bytes}}));
}

TEST_F(RegistryTest, OnlyItsOwnerMayReadIt) {
  auto registry = open();
  EXPECT_EQ(std::filesystem::status(path()).permissions(), std::filesystem::perms(0600));
}

TEST_F(RegistryTest, ChangesAreAppliedInTheirOrder) {
  auto registry = open();
  ASSERT_TRUE(registry->write({{{{"k", "1"}}, {}}, {{}, {"k"}}, {{{"k", "3"}}, {}}}));
  EXPECT_EQ(registry->read()->at("k"), "3");
  ASSERT_TRUE(registry->write({{{{"k", "4"}}, {"k"}}}));
  EXPECT_TRUE(registry->read()->empty());
}

TEST_F(RegistryTest, ASecondMasterIsRefused) {
  auto registry = open();
  ASSERT_TRUE(registry->write({{{{"k", "1"}}, {}}}));
  expect_refused(ErrorCode::FailedPrecondition, "another master");
}

TEST_F(RegistryTest, WhatIsNoDatabaseIsRefusedAndLeftAlone) {
  const std::string garbage(8192, 'x');
  folder_.write("registry.db", garbage);
  expect_refused(ErrorCode::DataLoss, "not a database");
  EXPECT_EQ(folder_.read("registry.db"), garbage);
}

TEST_F(RegistryTest, ADamagedPageIsFound) {
  {
    auto registry = open();
    StoreInRegistry many;
    for (int i = 0; i < 2000; ++i) many.puts["key " + std::to_string(i)] = std::string(64, 'v');
    ASSERT_TRUE(registry->write({many}));
  }
  std::fstream file(path(), std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(2 * 4096);
  file << std::string(4096, '\xee');
  file.close();
  expect_refused(ErrorCode::DataLoss, "registry");
}

TEST_F(RegistryTest, AnotherProgramsDatabaseIsRefused) {
  run_sql("CREATE TABLE songs(title TEXT)");
  expect_refused(ErrorCode::DataLoss, "another program");
}

TEST_F(RegistryTest, ALaterVersionIsRefused) {
  open();
  run_sql("PRAGMA user_version=99");
  expect_refused(ErrorCode::DataLoss, "99");
}

TEST_F(RegistryTest, AFolderThatIsNotThereIsNamed) {
  const auto registry = Registry::open(folder_ / "absent/registry.db");
  ASSERT_FALSE(registry);
  EXPECT_EQ(registry.error().code(), ErrorCode::NotFound) << registry.error().to_string();
}

}  // namespace
}  // namespace tepui::master
