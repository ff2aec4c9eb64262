// Random kernels that fill shared memory and read it: what is filled, and what is read, is now and then not the same.
// Barriers mostly stand where they should, since a read that races is no question of what was written before.
#include "tests/soundness/tiles.h"

#include <iterator>

#include "tests/soundness/dice.h"

namespace kverify::soundness {

namespace {

class TileWriter : Dice {
public:
  TileWriter(std::uint64_t seed, const Profile& profile) : Dice(seed), profile_(profile) {}

  std::vector<Node> body() {
    std::vector<Node> all;
    if (!pick(8))
      all.push_back(line(put("if ($guard) return;")));
    if (!pick(2))
      add(all, fill(), !pick(6));
    if (pick(3)) {
      add(all, loop(), false);
      if (!pick(3))
        add(all, use(), false);
    } else {
      add(all, fill(), !pick(8));
      if (!pick(3))
        add(all, fill(), !pick(4));
      if (!pick(3))
        add(all, line(put(reduction())), false);
      add(all, use(), pick(2) == 0);
      add(all, use(), true);
    }
    all.push_back(line("g[b * T + t] = v;"));
    return all;
  }

private:
  static Node line(std::string text) { return {std::move(text), {}, ""}; }

  void add(std::vector<Node>& all, Node node, bool no_barrier) {
    all.push_back(std::move(node));
    if (!no_barrier)
      all.push_back(line("__syncthreads();"));
  }

  std::string bound() {
    static const char* const bounds[] = {"@", "@",     "T",         "T",     "2 * T",        "T + n", "@ - 1", "@ / 2",
                                         "8", "4 * n", "(int)u * 2", "n + 5", "T * n", "T - 1", "16 - n"};
    return any(bounds);
  }

  std::string index() {
    static const char* const indices[] = {"t",         "t",     "t",         "t",         "T - 1 - t",  "(t + 1) % T",
                                          "t / 2",     "0",     "t + 1",     "2 * t",     "2 * t + 1",  "t + T",
                                          "t % 2",     "t & 3", "t ^ 1",     "t + n - 1", "(t * 3) % T", "t / n",
                                          "t * n % @", "b * T + t"};
    static const char* const looped[] = {"(i & 1) * T + t", "(i % 2) * T + t", "i",           "(i + 1) % 2 * T + t",
                                         "t + i",           "t + T * i",       "(i & 1) * 8 + t", "t * n + i"};
    return looped_ && pick(2) ? any(looped) : any(indices);
  }

  std::string guard() {
    static const char* const guards[] = {"t < n",      "t == 0",     "t < T - 1", "t + 1 < T",  "t < T / 2", "t > 0",
                                         "t % 2 == 0", "h[t & 7] > 0", "n > 1",     "t < n + 1", "t >= n",    "t < 2",
                                         "h[0] > 1",   "t < h[1]",     "b == 0",    "u > 2"};
    static const char* const looped[] = {"i == 0", "i > 0", "i + 1 < n", "i < t", "i % 2 == 0"};
    return looped_ && pick(2) ? any(looped) : any(guards);
  }

  std::string put(std::string form) {
    for (std::size_t at = 0; (at = form.find_first_of("$@", at)) != std::string::npos;) {
      if (form[at] == '@')
        form.replace(at, 1, std::to_string(profile_.elements));
      else if (form.compare(at, 6, "$bound") == 0)
        form.replace(at, 6, bound());
      else if (form.compare(at, 6, "$index") == 0)
        form.replace(at, 6, index());
      else
        form.replace(at, 6, guard());
    }
    return form;
  }

  Node fill() {
    static const char* const forms[] = {
        "s[$index] = v;",
        "s[$index] = t;",
        "s[t] = v;",
        "if ($guard) s[$index] = v;",
        "s[t] = $guard ? h[t & 7] : 0;",
        "if ($guard) s[t] = h[t & 7]; else s[t] = 0;",
        "if ($guard) s[$index] = 1; else s[$index] = 0;",
        "for (int z = t; z < $bound; z += T) s[z] = z;",
        "for (int z = t; z < $bound; z += T) if ($guard) s[z] = z;",
        "for (int z = t; z < $bound; z += T) s[z] = z; for (int z = $bound + t; z < @; z += T) s[z] = 0;",
        "for (int z = 0; z < $bound; ++z) if (t == 0) s[z] = 0;",
        "for (int z = t; z < 16; z += T) q[z / 8][z % 8] = z;",
        "for (int z = t; z < $bound; z += T) q[z / 8 & 1][z % 8] = z;",
        "for (int z = t; z < 14; z += T) q[z / 7][z % 7] = z;",
        "for (int z = t; z < 2 * T; z += T) d[z] = z;",
        "d[$index] = v;",
        "d[2 * t] = 1; d[2 * t + 1] = 2;",
        "e[t] = v;",
        "((short*)s)[t] = 1;",
        "((short*)s)[2 * t] = 1; ((short*)s)[2 * t + 1] = 1;",
        "for (int z = t; z < $bound; z += T) ((short*)s)[z] = 1;",
        "if (t == 0) { s[0] = 0; s[1] = 1; }",
        "if (t == 0) s[$index] = 0;",
        "for (int z = t; z < $bound; z += T) { if (h[z & 7] > 2) break; s[z] = 1; }",
        "for (int z = t; z < $bound; z += T) { if (h[z & 7] > 2) continue; s[z] = 1; }",
        "for (int z = h[0] & 3; z < $bound; ++z) if (z % T == t) s[z] = 1;",
        "{ int a = h[t & 7] & 3; s[a] = 1; }",
        "if ($guard) { s[t] = 1; } s[t + T] = 2;",
        "atomicExch(&s[$index], 1);"};
    return line(put(any(forms)));
  }

  Node use() {
    static const char* const forms[] = {
        "v += s[$index];",
        "v += s[$index];",
        "if ($guard) v += s[$index];",
        "for (int j = 0; j < $bound; ++j) v += s[j];",
        "for (int j = t; j < $bound; j += T) v += s[j];",
        "for (int j = 0; j < 16; ++j) v += q[j / 8][j % 8];",
        "v += q[t & 1][t / 2 & 7];",
        "for (int j = 0; j < 7; ++j) v += q[t & 1][j];",
        "for (int j = 0; j < 2 * T; ++j) v += d[j];",
        "v += d[$index];",
        "v += e[T - 1 - t];",
        "v += ((short*)s)[$index];",
        "v += ((short*)d)[$index];",
        "if (t == 0) for (int j = 0; j < $bound; ++j) v += s[j];",
        "{ int2 two = *(int2*)&s[2 * t & 14]; v += two.x + two.y; }",
        "atomicAdd(&s[$index], 1);",
        "{ int a = h[t & 7] & 3; v += s[a]; }",
        "v += s[v & 3];",
        "if (h[t & 7] > 1) v += s[$index];"};
    return line(put(any(forms)));
  }

  std::string reduction() {
    static const char* const forms[] = {
        "for (int o = T / 2; o > 0; o /= 2) { if (t < o) s[t] += s[t + o]; __syncthreads(); }",
        "for (int o = $bound / 2; o > 0; o /= 2) { if (t < o) s[t] += s[t + o]; __syncthreads(); }",
        "for (int o = n; o > 0; o >>= 1) { if (t < o) s[t] += s[t + o]; __syncthreads(); }",
        "for (int o = 1; o < T; o *= 2) { if (t % (2 * o) == 0 && t + o < T) s[t] += s[t + o]; __syncthreads(); }",
        "for (int o = 1; o < T; o *= 2) { int k2 = t >= o ? s[t - o] : 0; __syncthreads(); s[t] += k2; __syncthreads(); }",
        "for (int o = 1; o < T; o *= 2) { int k2 = s[t ^ o]; __syncthreads(); s[t] += k2; __syncthreads(); }"};
    return any(forms);
  }

  Node loop() {
    static const char* const heads[] = {"for (int i = 0; i < n; ++i) {",        "for (int i = 0; i < n; ++i) {",
                                        "for (int i = 1; i < n; ++i) {",        "for (int i = 0; i <= n; ++i) {",
                                        "for (int i = n; i > 0; --i) {",        "for (int i = 0; i < 3; ++i) {",
                                        "for (unsigned i = 0; i < u; i += 2) {", "for (int i = 0; i < h[0] % 3; ++i) {",
                                        "for (int i = 0, z = 1; z; z = ++i < n) {"};
    Node node{any(heads), {}, "}"};
    looped_ = true;
    bool last_first = !pick(3); // reads what the iteration before has filled
    if (last_first)
      add(node.children, use(), !pick(4));
    add(node.children, fill(), !pick(8));
    if (!pick(4))
      add(node.children, fill(), !pick(3));
    if (!pick(5))
      node.children.push_back(line(put("if ($guard) continue;")));
    if (!last_first || !pick(3))
      add(node.children, use(), !pick(8));
    if (!pick(6))
      node.children.push_back(line(put("if ($guard) break;")));
    looped_ = false;
    return node;
  }

  const Profile& profile_;
  bool looped_ = false;
};

} // namespace

std::vector<Node> tileBody(std::uint64_t seed, const Profile& profile) {
  return TileWriter(seed, profile).body();
}

} // namespace kverify::soundness
