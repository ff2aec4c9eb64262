// Which kernels a change touches.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gate/includes.h"
#include "gate/touched.h"
#include "tests/support/run_program.h"

namespace kverify::gate {
namespace {

using testing::HasSubstr;
using testing::UnorderedElementsAre;

std::vector<std::string> namesIn(const char* text) {
  std::vector<std::string> names;
  for (const Include& one : includesIn(text))
    names.push_back((one.form == Include::Form::Quoted ? "\"" : one.form == Include::Form::Angled ? "<" : "?") + one.name);
  return names;
}

TEST(Includes, AreReadInEveryWayTheyAreWritten) {
  EXPECT_THAT(namesIn("#include \"a.cuh\"\n"), UnorderedElementsAre("\"a.cuh"));
  EXPECT_THAT(namesIn("  #  include  <b/c.h>  // why"), UnorderedElementsAre("<b/c.h"));
  EXPECT_THAT(namesIn("#inc\\\nlude \"joined.h\""), UnorderedElementsAre("\"joined.h"));
  EXPECT_THAT(namesIn("#/* why */include \"comment.h\""), UnorderedElementsAre("\"comment.h"));
  EXPECT_THAT(namesIn("/* ends here */ #include \"behind.h\""), UnorderedElementsAre("\"behind.h"));
  EXPECT_THAT(namesIn("%:include \"digraph.h\""), UnorderedElementsAre("\"digraph.h"));
  EXPECT_THAT(namesIn("#include HEADER\r\n"), UnorderedElementsAre("?"));
  EXPECT_THAT(namesIn("#include_next <next.h>"), UnorderedElementsAre("<next.h"));
  EXPECT_THAT(namesIn("#if 0\n#include \"off.h\"\n#endif"), UnorderedElementsAre("\"off.h")) << "conditionals may go either way";
  EXPECT_THAT(namesIn("int include; // include \"not.h\""), UnorderedElementsAre());
}

class Touched : public testing::Test {
protected:
  /// Writes a file of the repository.
  void file(const std::string& name, const std::string& text) {
    folder_.write(name, text);
    files_.push_back(name);
  }

  std::string why(const std::string& source, std::set<std::string> changed, std::set<std::string> gone = {}) {
    Change change{.root = folder_.path(), .files = std::move(changed), .gone = std::move(gone)};
    std::vector<std::string> all = files_;
    all.insert(all.end(), change.files.begin(), change.files.end());
    IncludeGraph graph(folder_.path(), all);
    return whyTouched({source, {}}, change, {{"kverify.json", "kverify-baseline.json"}}, graph);
  }

  tests::ScratchFolder folder_;
  std::vector<std::string> files_;
};

TEST_F(Touched, ByItsOwnFileItsContractAndNothingElse) {
  file("k/a.cu", "");
  file("k/b.cu", "");
  EXPECT_EQ(why("k/a.cu", {"k/a.cu"}), "it changed");
  EXPECT_EQ(why("k/a.cu", {"k/b.cu", "README.md"}), "");
  EXPECT_THAT(why("k/a.cu", {"k/a.contract.json"}), HasSubstr("judged by k/a.contract.json"));
  EXPECT_THAT(why("k/a.cu", {"k/contract.json"}, {"k/contract.json"}), HasSubstr("which is gone"));
  EXPECT_THAT(why("k/a.cu", {"kverify.json"}), HasSubstr("what must pass"));
  EXPECT_THAT(why("k/a.cu", {"build/compile_commands.json"}), HasSubstr("flags"));
}

TEST_F(Touched, ThroughHeadersOfHeaders) {
  file("k/a.cu", "#include \"../common/outer.cuh\"\n");
  file("common/outer.cuh", "#include \"inner.cuh\"\n");
  file("common/inner.cuh", "");
  file("other/inner.cuh", "");
  EXPECT_THAT(why("k/a.cu", {"common/inner.cuh"}), HasSubstr("it includes common/inner.cuh, which changed"));
  EXPECT_EQ(why("k/a.cu", {"other/inner.cuh"}), "") << "the one beside the includer is the one";
}

TEST_F(Touched, ThroughSearchPathsThatNobodyNamed) {
  file("k/a.cu", "#include <lib/reduce.cuh>\n#include \"warp.cuh\"\n");
  file("include/lib/reduce.cuh", "");
  file("include/lib/warp.cuh", "");
  file("include/reduce.cuh", "");
  EXPECT_THAT(why("k/a.cu", {"include/lib/reduce.cuh"}), HasSubstr("include/lib/reduce.cuh"));
  EXPECT_THAT(why("k/a.cu", {"include/lib/warp.cuh"}), HasSubstr("include/lib/warp.cuh"));
  EXPECT_EQ(why("k/a.cu", {"include/reduce.cuh"}), "");
}

TEST_F(Touched, ByAHeaderThatIsGone) {
  file("k/a.cu", "#include \"gone.cuh\"\n");
  EXPECT_THAT(why("k/a.cu", {"k/gone.cuh"}, {"k/gone.cuh"}), HasSubstr("it includes k/gone.cuh, which is gone"));
}

TEST_F(Touched, ByAnythingWhereAMacroNamesTheHeader) {
  file("k/a.cu", "#include CONFIG_HEADER\n");
  EXPECT_THAT(why("k/a.cu", {"config/sm80.h"}), HasSubstr("macro"));
  EXPECT_EQ(why("k/a.cu", {}), "");
}

TEST_F(Touched, BySubmodulesAsAWhole) {
  file("k/a.cu", "#include <lib/x.cuh>\n");
  file("third/lib/x.cuh", "");
  EXPECT_THAT(why("k/a.cu", {"third"}), HasSubstr("it includes third"));
}

TEST_F(Touched, ACircleOfIncludesEnds) {
  file("k/a.cu", "#include \"b.cuh\"\n");
  file("k/b.cuh", "#include \"c.cuh\"\n");
  file("k/c.cuh", "#include \"b.cuh\"\n#include \"a.cu\"\n");
  EXPECT_EQ(why("k/a.cu", {"README.md"}), "");
  EXPECT_THAT(why("k/a.cu", {"k/c.cuh"}), HasSubstr("k/c.cuh"));
}

} // namespace
} // namespace kverify::gate
