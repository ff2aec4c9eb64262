#include "frontend/host/bind_words.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <set>

namespace kverify::frontend::host {
namespace {

using Words = std::set<std::string>;

bool isAttention(const Spec& spec) { return spec.name.starts_with("attention."); }

/// By role; of attention, of products, and of what works on rows.
const Words& wordsOf(const Spec& spec, const std::string& role) {
  static const std::map<std::string, Words> attention = {
      {"Q", {"q", "query", "queries"}}, {"K", {"k", "key", "keys"}}, {"V", {"v", "value", "values"}},
      {"O", {"o", "out", "output", "result", "res", "y"}}, {"LSE", {"lse", "softmax_lse", "logsumexp"}}};
  static const std::map<std::string, Words> product = {
      {"A", {"a", "lhs", "input", "x"}}, {"B", {"b", "rhs", "weight", "w"}}, {"D", {"d", "c", "out", "output", "result", "res", "y"}},
      {"bias", {"bias"}}};
  static const std::map<std::string, Words> rows = {
      {"x", {"x", "input", "in", "inp", "src", "data"}}, {"y", {"y", "out", "output", "result", "res", "dst"}},
      {"logits", {"logits", "predictions", "preds", "input", "x"}}, {"labels", {"labels", "label", "targets", "target"}},
      {"gamma", {"gamma", "weight", "w", "g"}}, {"beta", {"beta", "bias", "b"}}, {"loss", {"loss", "losses", "out", "output"}},
      {"rstd", {"rstd", "inv_std", "invstd"}}, {"mean", {"mean", "mu"}}, {"bias", {"bias"}}, {"z", {"z", "other", "residual", "y_in", "gate"}},
      {"cos", {"cos", "cos_cached", "freqs_cos"}}, {"sin", {"sin", "sin_cached", "freqs_sin"}}};
  static const Words none;
  const auto& table = spec.name == "attention.forward" ? attention : spec.name == "matmul" ? product : rows;
  auto found = isAttention(spec) && spec.name != "attention.forward" ? table.end() : table.find(role);
  return found == table.end() ? none : found->second;
}

} // namespace

std::string lowerCase(const std::string& text) {
  std::string all;
  for (char c : text)
    all += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return all;
}

std::string plainName(const std::string& name) {
  std::string plain = lowerCase(name);
  for (const char* front : {"d_", "dev_", "p_", "input_", "g_"})
    if (plain.starts_with(front) && plain.size() > std::string(front).size())
      plain = plain.substr(std::string(front).size());
  for (const char* back : {"_ptr", "_data", "_tensor", "_t", "_"})
    if (plain.ends_with(back) && plain.size() > std::string(back).size())
      plain = plain.substr(0, plain.size() - std::string(back).size());
  return plain;
}

bool namesRole(const std::string& name, const Spec& spec, const SpecRole& role) {
  std::string plain = plainName(name);
  return plain == lowerCase(role.name) || wordsOf(spec, role.name).contains(plain);
}

bool namesOption(const std::string& name, const std::string& option) {
  static const std::map<std::string, Words> words = {
      {"eps", {"eps", "epsilon"}}, {"causal", {"causal", "is_causal", "use_causal"}}, {"softcap", {"softcap", "soft_cap", "logit_cap"}},
      {"scale", {"scale", "softmax_scale", "sm_scale", "scaling", "scale_factor"}}, {"slope", {"slope", "negative_slope", "alpha"}},
      {"alpha", {"alpha", "negative_slope", "slope"}}, {"base", {"base", "theta"}}, {"label_smoothing", {"label_smoothing", "smoothing"}},
      {"ignore_index", {"ignore_index", "ignore_idx"}}};
  std::string plain = plainName(name);
  auto found = words.find(option);
  return plain == lowerCase(option) || (found != words.end() && found->second.contains(plain));
}

std::string axisGroup(const std::string& name) {
  static const std::map<std::string, Words> words = {
      {"batch", {"b", "bs", "bsz", "batch", "batch_size", "batchsize", "batches", "nb", "n_batch", "num_batches"}},
      {"heads", {"h", "nh", "hk", "hq", "hkv", "heads", "head", "num_heads", "n_heads", "nheads", "n_head", "num_head", "nhead", "num_kv_heads",
                 "n_kv_heads", "kv_heads", "num_q_heads", "head_num"}},
      {"tokens", {"n", "s", "t", "l", "nq", "nk", "seq", "seq_len", "seqlen", "seq_length", "sequence_length", "length", "len", "tokens", "num_tokens",
                  "q_len", "k_len", "kv_len", "seq_q", "seq_k", "seqlen_q", "seqlen_k", "q_seq_len", "kv_seq_len", "context_len", "lq", "lk", "sq", "sk"}},
      {"width", {"d", "dk", "dv", "hd", "dim", "head_dim", "headdim", "head_size", "d_head", "d_k", "d_v", "dim_head", "dh", "embed_dim"}}};
  std::string plain = lowerCase(name);
  for (const auto& [group, all] : words)
    if (all.contains(plain))
      return group;
  return {};
}

std::string groupOf(const Spec& spec, const std::string& axis) {
  if (!isAttention(spec) && spec.name != "rope")
    return {};
  return axis == "d" || axis == "dv" ? "width" : axis == "b" ? "batch" : axis == "h" || axis == "hk" ? "heads" : axis.starts_with("n") ? "tokens" : "";
}

std::vector<std::string> valuesNamed(const std::string& names, const SpecOption& option) {
  static const std::map<std::string, std::vector<std::string>> also = {
      {"silu", {"silu", "swish"}}, {"leaky-relu", {"leaky_relu", "leakyrelu", "leaky"}}, {"gelu-tanh", {"gelu"}}, {"softplus", {"softplus"}},
      {"bottom-right", {"causal"}}, {"top-left", {"causal"}}, {"mean", {"mean", "average"}}, {"sum", {"sum"}}, {"max", {"max"}}, {"min", {"min"}},
      {"add", {"add", "residual", "plus"}}, {"multiply", {"mul", "swiglu", "glu"}}, {"subtract", {"sub"}}, {"divide", {"div"}},
      {"negate", {"negate", "neg"}}, {"half", {"neox", "rotate_half"}}};
  std::vector<std::pair<std::string, std::string>> found; // word, value
  std::string text = lowerCase(names);
  for (const std::string& value : option.values) {
    auto words = also.find(value);
    for (const std::string& word : words == also.end() ? Words{value} : Words(words->second.begin(), words->second.end()))
      if (value != "none" && text.find(word) != std::string::npos)
        found.push_back({word, value});
  }
  std::vector<std::string> values;
  for (const auto& [word, value] : found) {
    // "leaky_relu" does not speak of relu, nor "argmax" of max.
    bool inside = std::any_of(found.begin(), found.end(), [&](const auto& other) {
      return other.first != word && other.first.find(word) != std::string::npos;
    });
    if (!inside && std::find(values.begin(), values.end(), value) == values.end())
      values.push_back(value);
  }
  return values;
}

} // namespace kverify::frontend::host
