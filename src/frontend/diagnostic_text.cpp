#include "frontend/diagnostic_text.h"

#include <clang/Basic/SourceManager.h>
#include <clang/Lex/LexDiagnostic.h>
#include <clang/Parse/ParseDiagnostic.h>
#include <clang/Sema/SemaDiagnostic.h>

namespace kverify::frontend {
namespace {

constexpr unsigned kMostWarnings = 50;

bool headersMayCure(unsigned id) {
  switch (id) {
  case clang::diag::err_pp_file_not_found:
  case clang::diag::err_pp_file_not_found_angled_include_not_fatal:
  case clang::diag::err_pp_file_not_found_typo_not_fatal:
  case clang::diag::err_pp_hash_error:
  case clang::diag::err_undeclared_var_use:
  case clang::diag::err_undeclared_var_use_suggest:
  case clang::diag::err_undeclared_use:
  case clang::diag::err_undeclared_use_suggest:
  case clang::diag::err_unknown_typename:
  case clang::diag::err_unknown_typename_suggest:
  case clang::diag::err_unknown_type_or_class_name_suggest:
  case clang::diag::err_typename_nested_not_found:
  case clang::diag::err_no_member:
  case clang::diag::err_no_member_suggest:
  case clang::diag::err_no_member_template:
  case clang::diag::err_no_template:
  case clang::diag::err_no_template_suggest:
  case clang::diag::err_using_directive_suggest:
  case clang::diag::err_expected_namespace_name:
  case clang::diag::err_ovl_no_viable_function_in_call:
  case clang::diag::err_ovl_no_viable_member_function_in_call:
  case clang::diag::err_ovl_ambiguous_call:
  case clang::diag::err_ovl_no_viable_oper:
  case clang::diag::err_ovl_ambiguous_oper_binary:
  case clang::diag::err_ovl_ambiguous_conversion_in_cast:
  case clang::diag::err_incomplete_type:
  case clang::diag::err_ref_bad_target:
  case clang::diag::err_typecheck_incomplete_tag: return true;
  default: return false;
  }
}

bool saysWhatInstantiated(unsigned id) {
  switch (id) {
  case clang::diag::note_template_member_class_here:
  case clang::diag::note_template_member_function_here:
  case clang::diag::note_template_class_instantiation_here:
  case clang::diag::note_template_class_instantiation_was_here:
  case clang::diag::note_default_arg_instantiation_here:
  case clang::diag::note_default_function_arg_instantiation_here:
  case clang::diag::note_explicit_template_arg_substitution_here:
  case clang::diag::note_function_template_deduction_instantiation_here:
  case clang::diag::note_function_template_spec_here:
  case clang::diag::note_template_variable_def_here:
  case clang::diag::note_template_enum_def_here:
  case clang::diag::note_template_static_data_member_def_here:
  case clang::diag::note_template_exception_spec_instantiation_here:
  case clang::diag::note_template_requirement_instantiation_here: return true;
  default: return false;
  }
}

} // namespace

/// An error begins an entry; the notes after it that say what instantiated it add to its places.
void DiagnosticText::notePlace(clang::DiagnosticsEngine::Level level, const clang::Diagnostic& info) {
  if (level != clang::DiagnosticsEngine::Note)
    after_error_ = level >= clang::DiagnosticsEngine::Error;
  if (!after_error_ || !info.hasSourceManager() || info.getLocation().isInvalid())
    return;
  const clang::SourceManager& sources = info.getSourceManager();
  clang::SourceLocation at = sources.getExpansionLoc(info.getLocation());
  if (level != clang::DiagnosticsEngine::Note) {
    llvm::SmallString<128> text;
    info.FormatDiagnostic(text);
    clang::PresumedLoc shown = sources.getPresumedLoc(at);
    errors_at_.push_back({text.str().str(), shown.isValid() ? shown.getFilename() : "", shown.isValid() ? shown.getLine() : 0, {}});
  } else if (errors_at_.empty() || !saysWhatInstantiated(info.getID())) {
    return;
  }
  auto [file, offset] = sources.getDecomposedLoc(at);
  if (clang::OptionalFileEntryRef entry = sources.getFileEntryRefForID(file))
    errors_at_.back().places.push_back({entry->getName().str(), offset});
}

void DiagnosticText::HandleDiagnostic(clang::DiagnosticsEngine::Level level, const clang::Diagnostic& info) {
  DiagnosticConsumer::HandleDiagnostic(level, info);
  if (level >= clang::DiagnosticsEngine::Error) {
    ++errors_;
    blames_headers_ = blames_headers_ || headersMayCure(info.getID());
  } else if (level >= clang::DiagnosticsEngine::Warning) {
    ++warnings_;
  }
  notePlace(level, info);
  // A dropped warning takes its notes with it.
  if (level >= clang::DiagnosticsEngine::Warning)
    dropping_ = level == clang::DiagnosticsEngine::Warning && warnings_ > kMostWarnings;
  if (!dropping_)
    printer_.HandleDiagnostic(level, info);
}

} // namespace kverify::frontend
