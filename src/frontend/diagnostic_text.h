#pragma once
// Clang's diagnostics as text, bounded, and what kind of errors there were.
#include <memory>
#include <string>
#include <vector>

#include <clang/Basic/Diagnostic.h>
#include <clang/Basic/DiagnosticOptions.h>
#include <clang/Frontend/TextDiagnosticPrinter.h>
#include <llvm/Support/raw_ostream.h>

#include "frontend/clang_job.h"

namespace kverify::frontend {

/// Prints what clang would print, up to a limit of warnings (errors are limited by -ferror-limit).
class DiagnosticText : public clang::DiagnosticConsumer {
public:
  explicit DiagnosticText(clang::DiagnosticOptions& options) : stream_(text_), printer_(stream_, &options) {}

  void BeginSourceFile(const clang::LangOptions& language, const clang::Preprocessor* preprocessor) override {
    printer_.BeginSourceFile(language, preprocessor);
  }
  void EndSourceFile() override { printer_.EndSourceFile(); }
  void HandleDiagnostic(clang::DiagnosticsEngine::Level level, const clang::Diagnostic& info) override;

  std::string text() const { return text_; }
  unsigned errors() const { return errors_; }
  /// An error that other headers could cure: a missing file, an unknown name, no function that fits.
  bool blamesHeaders() const { return blames_headers_; }
  /// Each with its places, as far as they lie in files.
  const std::vector<ClangRun::Error>& errorsAt() const { return errors_at_; }

private:
  void notePlace(clang::DiagnosticsEngine::Level level, const clang::Diagnostic& info);

  std::string text_;
  llvm::raw_string_ostream stream_;
  clang::TextDiagnosticPrinter printer_;
  std::vector<ClangRun::Error> errors_at_;
  unsigned errors_ = 0, warnings_ = 0;
  bool blames_headers_ = false, dropping_ = false, after_error_ = false;
};

} // namespace kverify::frontend
