// HandleSuite: the behaviour every owning handle of the tree has (docs of "resource handles": empty default, release,
// moves). A test file describes its handle by a Traits struct and instantiates the suite:
//
//   struct UniqueFdTraits {
//     using Handle = UniqueFd;
//     static Handle make();                       // owns a fresh resource
//     static bool is_empty(const Handle&);
//     static auto identity(const Handle&);        // a number that names the resource
//     static bool is_alive(Identity);             // does the resource still exist
//     static Identity release(Handle&);           // gives it away
//     static void destroy(Identity);              // frees what release() gave
//   };
//   INSTANTIATE_TYPED_TEST_SUITE_P(UniqueFd, HandleSuite, UniqueFdTraits);
#pragma once

#include <type_traits>
#include <utility>

#include <gtest/gtest.h>

namespace tepui {

template <class Traits>
class HandleSuite : public ::testing::Test {};
TYPED_TEST_SUITE_P(HandleSuite);

TYPED_TEST_P(HandleSuite, MovesAndDoesNotCopy) {
  using Handle = typename TypeParam::Handle;
  EXPECT_FALSE(std::is_copy_constructible_v<Handle>);
  EXPECT_FALSE(std::is_copy_assignable_v<Handle>);
  EXPECT_TRUE(std::is_nothrow_move_constructible_v<Handle>);
  EXPECT_TRUE(std::is_nothrow_move_assignable_v<Handle>);
}

TYPED_TEST_P(HandleSuite, DefaultIsEmpty) {
  typename TypeParam::Handle handle;
  EXPECT_TRUE(TypeParam::is_empty(handle));
}

TYPED_TEST_P(HandleSuite, DestroyReleasesTheResource) {
  auto identity = [] {
    auto handle = TypeParam::make();
    const auto inside = TypeParam::identity(handle);
    EXPECT_TRUE(TypeParam::is_alive(inside));
    return inside;
  }();
  EXPECT_FALSE(TypeParam::is_alive(identity));
}

TYPED_TEST_P(HandleSuite, MoveEmptiesTheSource) {
  auto source = TypeParam::make();
  const auto identity = TypeParam::identity(source);
  auto target = std::move(source);
  EXPECT_TRUE(TypeParam::is_empty(source));  // NOLINT: moved-from is what is tested
  EXPECT_EQ(TypeParam::identity(target), identity);
  EXPECT_TRUE(TypeParam::is_alive(identity));
}

TYPED_TEST_P(HandleSuite, MoveAssignReleasesTheOldResource) {
  auto target = TypeParam::make();
  auto source = TypeParam::make();
  const auto old = TypeParam::identity(target);
  const auto fresh = TypeParam::identity(source);
  target = std::move(source);
  EXPECT_FALSE(TypeParam::is_alive(old));
  EXPECT_TRUE(TypeParam::is_alive(fresh));
  EXPECT_EQ(TypeParam::identity(target), fresh);
  EXPECT_TRUE(TypeParam::is_empty(source));  // NOLINT: moved-from is what is tested
}

TYPED_TEST_P(HandleSuite, MoveAssignToItselfKeepsTheResource) {
  auto handle = TypeParam::make();
  const auto identity = TypeParam::identity(handle);
  auto& same = handle;
  handle = std::move(same);
  EXPECT_TRUE(TypeParam::is_alive(identity));
  EXPECT_EQ(TypeParam::identity(handle), identity);
}

TYPED_TEST_P(HandleSuite, ReleaseGivesTheResourceAwayAlive) {
  auto handle = TypeParam::make();
  const auto identity = TypeParam::release(handle);
  EXPECT_TRUE(TypeParam::is_empty(handle));
  handle = typename TypeParam::Handle();
  EXPECT_TRUE(TypeParam::is_alive(identity));
  TypeParam::destroy(identity);
}

REGISTER_TYPED_TEST_SUITE_P(HandleSuite, MovesAndDoesNotCopy, DefaultIsEmpty, DestroyReleasesTheResource,
                            MoveEmptiesTheSource, MoveAssignReleasesTheOldResource, MoveAssignToItselfKeepsTheResource,
                            ReleaseGivesTheResourceAwayAlive);

}  // namespace tepui
