// Addresses as integers: a pointer cast to an integer is the unknown place of its array and an offset, and is a
// pointer into that array again when it is cast back.
#include "verifier/model/builder.h"

namespace kverify::verifier {

namespace {
constexpr unsigned kGeneric = 0, kGlobal = 1, kShared = 3;

/// Global memory has the same addresses in the generic window; shared and local memory have not (PTX ISA, 6.4.1.1).
unsigned windowOf(ArrayKind kind, unsigned space) {
  bool global = kind == ArrayKind::Parameter || kind == ArrayKind::Global;
  return global && space == kGlobal ? kGeneric : space;
}
} // namespace

/// Null: of unknown provenance.
TermPtr ModelBuilder::addressOf(const llvm::Value& pointer, const llvm::BasicBlock* user) {
  auto target = user ? this->pointer(&pointer, user) : ownPointer(&pointer);
  if (!target)
    return nullptr;
  TermPtr result = nullptr;
  for (const PointerCase& one : *target) {
    const Array& array = model_.arrays[one.array];
    unsigned window = windowOf(array.kind, pointer.getType()->getPointerAddressSpace());
    Sym sym;
    sym.name = "address." + std::to_string(window) + "." + std::to_string(one.array);
    sym.scope = array.kind == ArrayKind::Local ? Scope::Thread : Scope::Grid;
    sym.low = 0;
    // Less than 1 MiB of shared memory, virtual addresses of 49 bits.
    sym.high = window == kShared ? (std::int64_t{1} << 20) : (std::int64_t{1} << 49);
    TermPtr place = pool_.symbol(sym);
    addresses_[place->sym] = one.array;
    TermPtr address = pool_.add(place, one.offset);
    result = result ? pool_.ite(one.when, address, result) : address;
  }
  return result;
}

// The sum has to name exactly one array: once, or in every arm of one choice.
std::optional<Pointer> ModelBuilder::fromAddress(TermPtr address, unsigned space, unsigned depth) {
  const Poly& sum = expand_(address);
  const Monomial* place = nullptr;
  const Monomial* choice = nullptr;
  for (const auto& [monomial, coefficient] : sum.terms)
    for (TermPtr atom : monomial) {
      bool alone = monomial.size() == 1 && coefficient == 1;
      if (atom->op == Op::Symbol && addresses_.count(atom->sym)) {
        if (place || !alone)
          return std::nullopt;
        place = &monomial;
      } else if (atom->op == Op::Ite && mentionsAddress(atom)) {
        if (choice || !alone)
          return std::nullopt;
        choice = &monomial;
      } else if (mentionsAddress(atom)) {
        return std::nullopt;
      }
    }
  if (sum.overflow || (place != nullptr) == (choice != nullptr) || depth > 4)
    return std::nullopt;
  TermPtr atom = (place ? *place : *choice)[0];
  TermPtr rest = termOf(plus(sum, expand_(atom), -1));
  if (!rest)
    return std::nullopt;
  if (choice) {
    auto yes = fromAddress(pool_.add(atom->args[1], rest), space, depth + 1);
    auto no = fromAddress(pool_.add(atom->args[2], rest), space, depth + 1);
    return yes && no ? chosen(atom->args[0], *yes, *no) : std::nullopt;
  }
  unsigned array = addresses_.at(atom->sym);
  std::string window = std::to_string(windowOf(model_.arrays[array].kind, space));
  if (atom->sym->name != "address." + window + "." + std::to_string(array))
    return std::nullopt;
  return Pointer{{pool_.boolean(true), array, rest, {}}};
}

bool ModelBuilder::mentionsAddress(TermPtr term) const {
  if (term->op == Op::Symbol)
    return addresses_.count(term->sym) > 0;
  for (TermPtr arg : term->args)
    if (mentionsAddress(arg))
      return true;
  return false;
}

} // namespace kverify::verifier
