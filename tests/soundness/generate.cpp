// Random kernels, statement by statement. Every idiom that a prover can get wrong should come up: barriers under
// conditions, loops of all kinds, narrow and unsigned integers, carved buffers, pointers that walk, warp operations.
#include <iterator>

#include "tests/soundness/dice.h"
#include "tests/soundness/tiles.h"

namespace kverify::soundness {

namespace {

class Writer : Dice {
public:
  Writer(std::uint64_t seed, const Profile& profile) : Dice(seed), profile_(profile) {}

  std::vector<Node> body() {
    std::vector<Node> all;
    if (pick(6)) {
      all.push_back({"for (int z = t; z < " + std::to_string(profile_.elements) + "; z += T) s[z] = 0;", {}, ""});
      all.push_back({"for (int z = t; z < 16; z += T) { q[z / 8][z % 8] = 0; y[z] = 0; }", {}, ""});
      all.push_back({"for (int z = t; z < 2 * T + 4; z += T) d[z] = 0;", {}, ""});
      all.push_back({"__syncthreads();", {}, ""});
    }
    if (profile_.has_output) {
      for (int writes = 1 + pick(2); writes > 0; --writes) {
        if (!pick(3))
          for (Node& one : statements(1 + pick(2), 0))
            all.push_back(std::move(one));
        all.push_back(cover());
      }
      return all;
    }
    for (Node& one : statements(2 + pick(5), 0))
      all.push_back(std::move(one));
    return all;
  }

private:
  std::string mask() { return std::to_string(profile_.elements - 1); }

  std::string loopVariable() { return std::string(1, static_cast<char>('i' + pick(loops_))); }

  std::string atom() {
    static const char* const atoms[] = {"t", "t", "t",        "b",           "T",           "G",         "n",
                                        "v", "x", "(int)u",   "(int)m",      "(int)w",      "c",         "1",
                                        "2", "3", "h[t & 7]", "threadIdx.x", "threadIdx.y", "blockIdx.y", "h[b & 7]"};
    return loops_ && pick(2) ? loopVariable() : any(atoms);
  }

  std::string expression(int depth) {
    if (depth == 0 || !pick(4))
      return atom();
    static const char* const forms[] = {"($a + $b)",
                                        "($a - $b)",
                                        "($a * $b)",
                                        "($a / 2)",
                                        "($a % 3)",
                                        "($a / T)",
                                        "($a % T)",
                                        "($a & 3)",
                                        "($a ^ 1)",
                                        "($a | 1)",
                                        "($a << 1)",
                                        "($a >> 1)",
                                        "($c ? $a : $b)",
                                        "min((int)$a, (int)$b)",
                                        "max((int)$a, (int)$b)",
                                        "(signed char)($a * 50)",
                                        "(unsigned char)($a - 1)",
                                        "(short)($a)",
                                        "(int)((unsigned)($a) / 2u)",
                                        "(int)((long long)($a) * $b)",
                                        "abs((int)$a)",
                                        "(($a % 4 + 4) % 4)",
                                        "(int)((unsigned)($a) >> 1)",
                                        "(-$a)",
                                        "($a * T + $b)",
                                        "($a ^ $b)",
                                        "($a & ~1)",
                                        "($a & $b)",
                                        "(int)((unsigned)($a) % 5u)",
                                        "(~$a)",
                                        "($a * 2 + 1)",
                                        "(($a + $b) / 2)",
                                        "(int)(w + $a)",
                                        "($a == $b)",
                                        "(int)(($a * 1000000007LL) % 16)",
                                        "(($a * 65536 * n) >> 16)"};
    std::string form = any(forms);
    for (const char* slot : {"$a", "$b", "$c"})
      for (std::size_t at = form.find(slot); at != std::string::npos; at = form.find(slot))
        form.replace(at, 2, slot[1] == 'c' ? guard() : expression(depth - 1));
    return form;
  }

  std::string index() {
    static const char* const plain[] = {"t",           "t + 1",
                                        "t * 2",       "t / 2",
                                        "(t + 1) % T", "T - 1 - t",
                                        "b * 4 + t",   "b",
                                        "0",           "t % 2",
                                        "t + T",       "b * T + t",
                                        "t ^ 1",       "n",
                                        "n + t",       "n * t",
                                        "t * T",       "t & 3",
                                        "t >> 1",      "(t << 1) + 1",
                                        "15 - t",      "t + 4 * b + 8",
                                        "v",           "x",
                                        "x * T + t",   "w",
                                        "c",           "t + x",
                                        "m + t",       "u * t"};
    static const char* const looped[] = {"#",           "# + t",           "# * T + t",           "t + T * (# & 1)",
                                         "t * 3 + #",   "(# & 1) * 4 + t", "(# + 1) / 2 * 4 + t", "t + #",
                                         "(t + #) % T", "t * n + #",       "(# % 2) * T + t"};
    switch (pick(6)) {
    case 0: return any(plain);
    case 1: return loops_ ? put(any(looped), loopVariable()) : any(plain);
    case 2: return expression(2);
    case 3: return "(" + expression(2) + ") & " + mask();
    case 4: return "(" + expression(1) + ") % " + std::to_string(profile_.elements);
    default: return "t";
    }
  }

  static std::string put(std::string form, const std::string& variable) {
    for (std::size_t at = form.find('#'); at != std::string::npos; at = form.find('#'))
      form.replace(at, 1, variable);
    return form;
  }

  std::string place() {
    switch (pick(16)) {
    case 0:
    case 1:
    case 2: return "g[" + index() + "]";
    case 3: return "q[" + std::string(pick(2) ? "x & 1" : loops_ ? loopVariable() + " & 1" : "t & 1") + "][t & 7]";
    case 4: return "q[" + std::string(pick(2) ? "x" : "1 - x") + "][" + index() + "]";
    case 5: return "d[" + index() + "]";
    case 6: return "e[" + index() + "]";
    case 7: return "y[" + index() + "]";
    case 8: return "((short*)s)[" + index() + "]";
    case 9: return "p[" + index() + "]";
    case 10: return "k[" + std::string(pick(2) ? "t & 3" : index()) + "]";
    case 11: return "((volatile int*)s)[" + index() + "]";
    case 12: return "((int*)y)[" + std::string(pick(2) ? "t & 3" : index()) + "]";
    default: return "s[" + index() + "]";
    }
  }

  std::string access() {
    std::string to = place();
    switch (pick(6)) {
    case 0: return to + " = v;";
    case 1: return "v += " + to + ";";
    case 2: return to + " += 1;";
    case 3: return (pick(2) ? "s[t] = " : "g[b * T + t] = ") + to + ";";
    case 4: return to + " = " + place() + ";";
    default: return to + " = t;";
    }
  }

  std::string guard() {
    static const char* const guards[] = {"t < 2",
                                         "t == 0",
                                         "t < n",
                                         "t + 1 < T",
                                         "n > 1",
                                         "t % 2 == 0",
                                         "b == 0",
                                         "t >= n",
                                         "T > 2",
                                         "v > 3",
                                         "t < T / 2",
                                         "x == 0",
                                         "u > 2",
                                         "w < u",
                                         "c < 2",
                                         "h[0] > 0",
                                         "h[b & 7] > 1",
                                         "h[t & 7] > h[n]",
                                         "g[b] > 0",
                                         "t - n < 0",
                                         "w - 1 < 2u",
                                         "(t & 1) == n - 1",
                                         "m > 3",
                                         "t > 0 && t < 3",
                                         "t < 1 || n == 2",
                                         "t == T - 1",
                                         "G > 1",
                                         "t * n < 4"};
    return loops_ && !pick(3)
               ? put(any({"# < t", "# == 0", "# + 1 < n", "# % 2 == 0", "t < #", "# > t"}), loopVariable())
               : any(guards);
  }

  Node loop(int depth) {
    std::string variable(1, static_cast<char>('i' + loops_));
    static const char* const heads[] = {"for (int # = 0; # < n; ++#) {",
                                        "for (int # = t; # < 8; # += T) {",
                                        "for (int # = T / 2; # > 0; # /= 2) {",
                                        "for (int # = T / 2; # > 0; # >>= 1) {",
                                        "for (int # = n; # > 0; --#) {",
                                        "for (int # = 0; # < 2; ++#) {",
                                        "for (int # = 0; # < t; ++#) {",
                                        "for (unsigned # = 0; # < u; ++#) {",
                                        "for (unsigned # = n; #-- > 0;) {",
                                        "for (int # = t; # >= 0; # -= 2) {",
                                        "for (int # = 0; # != 4; # += 2) {",
                                        "for (int # = 1; # < 8; # <<= 1) {",
                                        "for (int # = b * T + t; # < 16; # += G * T) {",
                                        "for (signed char # = 0; # < n; ++#) {",
                                        "for (long long # = 0; # < m; # += 2) {",
                                        "for (int # = 3; #; --#) {",
                                        "for (int # = T - 1; # >= n; --#) {",
                                        "for (int # = 1; # < T; # *= 2) {"};
    Node node;
    bool last = !pick(6); // condition after the body
    node.head = last ? "for (int # = 0, z = 1; z; z = ++# < n) {" : any(heads);
    node.head = put(node.head, variable);
    node.tail = "}";
    ++loops_;
    node.children = statements(1 + pick(3), depth + 1);
    if (!pick(4))
      node.children.push_back({any({"x ^= 1;", "x = 1 - x;", "x++;", "x += T;", "p += 1;", "p += T;", "v = v + n;",
                                    "w += 2;", "x ^= t + 1;", "c += 1;", "x = x * 2 + 1;", "x = (x + 1) % 2;"}),
                               {},
                               ""});
    --loops_;
    return node;
  }

  Node simple() {
    switch (pick(profile_.whole_warps ? 10 : 12)) {
    case 0: return {"v = " + expression(2) + ";", {}, ""};
    case 1: return {"x = " + expression(1) + ";", {}, ""};
    case 2: return {"w = " + expression(1) + ";", {}, ""};
    case 3:
      return {any({"p = s + t;", "p = n > 1 ? s : s + 4;", "p = t == 0 ? s : s + 1;", "p = d;", "p = &q[0][0];",
                   "p = s + x;", "p += 2;"}),
              {},
              ""};
    case 4:
      return {any({"atomicAdd(&s[", "atomicAdd(&g[", "atomicMax(&s[", "atomicExch(&d["}) + index() + "], 1);", {}, ""};
    case 5: return {any({"__threadfence();", "__syncwarp();", "__threadfence_block();"}), {}, ""};
    case 6:
    case 7: return warp();
    default: return {access(), {}, ""};
    }
  }

  Node warp() {
    if (!profile_.whole_warps)
      return {access(), {}, ""};
    return {any({"v = __shfl_sync(0xffffffffu, v, 0);",
                 "v += __shfl_xor_sync(0xffffffffu, v, 1);",
                 "v = __shfl_down_sync(0xffffffffu, v, 1);",
                 "v = __ballot_sync(0xffffffffu, t < 3);",
                 "x = __shfl_sync(0xffffffffu, t, 0) & 1;",
                 "v = __popc(__ballot_sync(0xffffffffu, t % 2));",
                 "if (__any_sync(0xffffffffu, t == 40)) v = 0;",
                 "x = t / 32;",
                 "x = t % 32;",
                 "__syncwarp();",
                 "__syncwarp();",
                 "__syncwarp(0xffffu);",
                 "__syncwarp(0xffff0000u);",
                 "__syncwarp(1u << (t & 31));",
                 "s[t ^ 1] = v;",
                 "v += s[t ^ 1];",
                 "v += s[t / 32 * 32];",
                 "s[t / 2] = v;",
                 "if (t % 32 == 0) s[t / 32] = v;",
                 "v += s[t / 32];",
                 "v += s[(t + 1) % 32 + t / 32 * 32];",
                 "x = t & 31;"}),
            {},
            ""};
  }

  Node branch(int depth) {
    Node node{"if (" + guard() + ") {", {}, "}"};
    node.children = depth < 2 ? statements(1 + pick(2), depth + 1) : std::vector<Node>{simple()};
    return node;
  }

  Node choice(int depth) {
    Node node{"switch (" + any({"t", "t & 1", "n", "x", "v & 3"}) + ") {", {}, "}"};
    for (int one = 0; one < 2; ++one) {
      Node arm{(one ? "default: {" : "case 1: {"), statements(1, depth + 1), pick(4) ? "break; }" : "}"};
      node.children.push_back(std::move(arm));
    }
    return node;
  }

  /// The same for packed parts; $y is another part's end, or begin.
  std::string coverOfParts() {
    static const char* const forms[] = {
        "{ int a = z[b$y], k = z[b + 1$y] - a, i = blockIdx.y * T + t$p; if (i < k$q) { $e o[a + i] = v; } }",
        "{ int a = z[b], k = z[b + 1]; for (int i = a + t$p; i < k$q; i += T$s) { $e o[i] = v; } }",
        "{ int a = z[b$y], k = z[b + 1] - a; for (int i = t; i < k$q; i += T$s) { $e o[a + i$p] = t; } }",
        "for (int y = b; y < r$q; y += G$s) for (int i = z[y] + t; i < z[y + 1]$p; i += T) { $e o[i] = y; }",
        "{ int a = z[b], k = z[b + 1$y]; if (k - a$p <= T) { if (a + t < k$q) o[a + t] = 1; } "
        "else for (int i = a + t; i < k; i += T$s) o[i] = 2; }",
        "{ int i = blockIdx.y * T + t$p, y = 0; while (y + 1 < r && z[y + 1] <= i) ++y; if (i < l$q && y == b) o[i] = y; }",
        "{ int a = z[b], k = z[b + 1] - a, i = blockIdx.y * T + t; if (i < k$q) o[z[b + 1] - 1 - i$p] = v; }",
        "{ int i = z[b] + blockIdx.y * T + t$p; if (i < z[b + 1$y]$q) { $e o[i] = b; } }"};
    return any(forms);
  }

  /// Ways to write all of an output, some of them a little wrong: $p a start, $q a limit, $s a step, $e a surprise.
  Node cover() {
    static const char* const forms[] = {
        "{ int i = b * T + t$p; if (i < l$q) o[i] = v; }",
        "for (int i = b * T + t$p; i < l$q; i += G * T$s) { $e o[i] = t; }",
        "for (int i = t$p; i < n$q; i += T$s) { $e if (b < r) o[b * n + i] = v; }",
        "for (int i = t$p; i < l$q; i += T$s) { $e o[i] = v; }",
        "for (int y = b; y < r$q; y += G$s) for (int x = t$p; x < n; x += T) { $e o[y * n + x] = t; }",
        "for (int i = b * T + t; i < l$q; i += G * T$s) o[(i % n) * r + i / n] = i;",
        "for (int i = b * T + t; i < l$q; i += G * T$s) o[l - 1 - i] = i;",
        "for (int i = 2 * (b * T + t); i + 1 < l$q; i += 2 * G * T$s) { o[i] = 1; $e o[i + 1] = 2; } "
        "if (l % 2 == 1 && b == 0 && t == 0) o[l - 1] = 3;",
        "{ int i = b * T + t$p, y = i / n, x = i % n; if (y < r$q) o[y * n + x] = v; }",
        "{ int i = t$p; for (; i + T < l$q; i += T) o[i] = 1; if (i < l) o[i] = 2; }",
        "for (unsigned i = t$p; i < l$q; i += T$s) { $e o[i] = v; }",
        "for (int i = l - 1 - t$p; i >= 0; i -= T$s) { $e o[i] = v; }",
        "{ int i = b * T + t$p; do { $e if (i < l$q) o[i] = v; i += G * T$s; } while (i < l); }",
        "for (int y = 0; y < r$q; ++y) { if (y % G == b) for (int x = t; x < n; x += T$s) { $e o[y * n + x] = v; } }",
        "for (int x = t$p; x < n$q; x += T) for (int y = 0; y < r; ++y) { $e o[y * n + x] = y; }",
        "{ int k = n / 2 * 2; for (int i = t; i < k / 2; i += T) { $e o[b * n + 2 * i] = 1; o[b * n + 2 * i + 1] = 1; "
        "} "
        "for (int i = k + t$p; i < n$q; i += T) o[b * n + i] = 2; }",
        "if (t == 0$p) for (int i = 0; i < n$q; ++i) { $e o[b * n + i] = v; }",
        "for (int i = 0; i < n$q; ++i) { if (i % T$s == t) { $e if (b < r) o[b * n + i] = i; } }",
        "for (int k = 0; k * T$s < n; ++k) { int i = k * T + t$p; if (i >= n) break; o[b * n + i] = k; }",
        "for (int k = 0; k < 2; ++k) for (int i = t + k * T$p; i < n$q; i += 2 * T$s) { $e o[b * n + i] = k; }",
        "for (int j = 0; j < n; ++j) { $e if (j == n - 1$p && t < r) o[t * n + b % n] = j; }",
        "for (int i = t; i != l$p; i += 1$s) { $e if (i < l) o[i] = 1; if (i > l) break; }",
        "for (int f = 0; f < l; f += T) { __syncthreads(); int k = min(T, l - f$q); if (t < k) o[f + t$p] = 1; }",
        "for (int k = T; k > 0; k /= 2) for (int i = t; i < l$q; i += T$s) { $e o[i] = k; }"};
    std::string form = profile_.packed ? coverOfParts() : any(forms);
    for (const char* slot : {"$p", "$q", "$s", "$e", "$y"})
      for (std::size_t at = form.find(slot); at != std::string::npos; at = form.find(slot))
        form.replace(at, 2, variation(slot[1]));
    if (!pick(8))
      return {"if (" + guard() + ") {", {{form, {}, ""}}, "}"};
    return {form, {}, ""};
  }

  std::string variation(char slot) {
    if (pick(slot == 'e' ? 4 : 6))
      return "";
    switch (slot) {
    case 'p': return any({" + 1", " - 1", " + T", " + (n > 3)", " + x"});
    case 'q': return any({" - 1", " / 2 * 2", " - (n == 3)", " + 1", " - x", " - h[0] % 2"});
    case 's': return any({" + 1", " * 2", " - 1 + 1", " + x"});
    case 'y': return any({" + (b + 1 < r)", " - (b > 0)", " * 0", " + x"});
    default:
      return any({"if (h[t & 7] > 0) continue;", "if (v == 3) break;", "if (t > 2) return;",
                  "if (n == 4 && t == 1) break;", "if (T == 3) continue;", "if (b + t == 4) break;", "s[t] = v;"});
    }
  }

  std::vector<Node> statements(int count, int depth) {
    std::vector<Node> all;
    for (int i = 0; i < count; ++i)
      switch (pick(12)) {
      case 0:
      case 1: all.push_back({"__syncthreads();", {}, ""}); break;
      case 2:
      case 3:
        if (depth < 2 && loops_ < 2)
          all.push_back(loop(depth));
        break;
      case 4: all.push_back(branch(depth)); break;
      case 5:
        if (!pick(3))
          all.push_back({"if (" + guard() + ") " +
                             std::string(loops_ ? any({"break;", "continue;", "return;", "break;"}) : "return;"),
                         {},
                         ""});
        else if (!pick(2) && depth < 2)
          all.push_back(choice(depth));
        else
          all.push_back(branch(depth));
        break;
      default:
        all.push_back(simple());
        if (pick(3))
          all.push_back({"__syncthreads();", {}, ""});
      }
    return all;
  }

  const Profile& profile_;
  int loops_ = 0;
};

} // namespace

RandomKernel generate(std::uint64_t seed) {
  RandomKernel kernel;
  kernel.seed = seed;
  static constexpr std::size_t kOrder[] = {0, 3, 0, 4, 1, 3, 2, 0, 4, 1, 5, 5}; // warps cost more to run
  kernel.profile = &profiles()[kOrder[seed % std::size(kOrder)]];
  std::uint64_t start = seed * 0x9e3779b97f4a7c15u + 1;
  bool tile = seed / 8 % 3 == 1 && !kernel.profile->has_output;
  kernel.body = tile ? tileBody(start, *kernel.profile) : Writer(start, *kernel.profile).body();
  return kernel;
}

} // namespace kverify::soundness
