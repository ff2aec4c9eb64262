// libcurl is loaded only where a URL was given: twenty libraries that an audit without one need not start with.
#include "farm/store.h"

#include <cstring>
#include <fstream>
#include <vector>

#include <curl/curl.h>
#include <dlfcn.h>
#include <fmt/format.h>

namespace kverify::farm {
namespace {

constexpr std::size_t kLargest = std::size_t{64} << 20;
constexpr long kConnectSeconds = 5, kSeconds = 30;

/// The functions of libcurl that are used, by their own names.
struct Curl {
  decltype(&curl_easy_init) init = nullptr;
  decltype(&curl_easy_setopt) set = nullptr;
  decltype(&curl_easy_perform) perform = nullptr;
  decltype(&curl_easy_getinfo) info = nullptr;
  decltype(&curl_easy_reset) reset = nullptr;
  decltype(&curl_easy_cleanup) cleanup = nullptr;
  decltype(&curl_easy_strerror) text = nullptr;
  decltype(&curl_slist_append) append = nullptr;
  decltype(&curl_slist_free_all) free = nullptr;

  /// Null where it is not installed.
  static const Curl* load();
};

template <class F>
bool find(void* library, const char* name, F& function) {
  function = reinterpret_cast<F>(dlsym(library, name));
  return function != nullptr;
}

const Curl* Curl::load() {
  static Curl curl;
  static const bool loaded = [] {
    void* library = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
    return library && find(library, "curl_easy_init", curl.init) && find(library, "curl_easy_setopt", curl.set) &&
           find(library, "curl_easy_perform", curl.perform) && find(library, "curl_easy_getinfo", curl.info) &&
           find(library, "curl_easy_reset", curl.reset) && find(library, "curl_easy_cleanup", curl.cleanup) &&
           find(library, "curl_easy_strerror", curl.text) &&
           find(library, "curl_slist_append", curl.append) && find(library, "curl_slist_free_all", curl.free);
  }();
  return loaded ? &curl : nullptr;
}

struct Sent {
  std::vector<std::string> headers;
  std::string query; ///< "?sig=…" or empty
};

Expected<Sent> readHeaders(const std::string& file) {
  Sent sent;
  if (file.empty())
    return sent;
  std::ifstream in(file);
  if (!in)
    return fail(ErrorKind::Input, fmt::format("'{}' cannot be read: {}", file, std::strerror(errno)), "--cache-headers");
  int number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    while (!line.empty() && (line.back() == '\r' || line.back() == ' '))
      line.pop_back();
    if (line.empty())
      continue;
    if (line[0] == '?')
      sent.query = line;
    else if (line.find(": ") != std::string::npos)
      sent.headers.push_back(line);
    else
      return fail(ErrorKind::Input, fmt::format("line {} of '{}' is no header", number, file), "--cache-headers",
                  "lines are 'Name: value', or '?query' to be added to each address");
  }
  return sent;
}

struct Incoming {
  std::string text;
  bool too_large = false;
};

std::size_t takeBytes(char* bytes, std::size_t size, std::size_t count, void* to) {
  auto& incoming = *static_cast<Incoming*>(to);
  incoming.too_large = incoming.text.size() + size * count > kLargest;
  if (incoming.too_large)
    return 0;
  incoming.text.append(bytes, size * count);
  return size * count;
}

struct Outgoing {
  std::string_view rest;
};

std::size_t giveBytes(char* bytes, std::size_t size, std::size_t count, void* from) {
  auto& outgoing = *static_cast<Outgoing*>(from);
  std::size_t n = std::min(size * count, outgoing.rest.size());
  std::memcpy(bytes, outgoing.rest.data(), n);
  outgoing.rest.remove_prefix(n);
  return n;
}

class HttpStore : public Store {
public:
  HttpStore(const Curl& curl, std::string url, Sent sent) : curl_(curl), url_(std::move(url)), sent_(std::move(sent)) {
    handle_ = curl_.init();
    for (const std::string& header : sent_.headers)
      headers_ = curl_.append(headers_, header.c_str());
    headers_ = curl_.append(headers_, "Expect:"); // no pause before the body
    headers_ = curl_.append(headers_, "Content-Type: application/octet-stream");
  }

  ~HttpStore() override {
    curl_.free(headers_);
    if (handle_)
      curl_.cleanup(handle_);
  }

  Expected<std::optional<std::string>> get(const std::string& name) override {
    Incoming incoming;
    prepare(name);
    curl_.set(handle_, CURLOPT_HTTPGET, 1L);
    curl_.set(handle_, CURLOPT_WRITEDATA, &incoming);
    auto status = request();
    if (!status)
      return tl::unexpected(status.error());
    // Some object stores say 403 of what is not there to those who may not list.
    if (*status == 404 || *status == 410 || *status == 403)
      return std::optional<std::string>();
    if (*status != 200)
      return tl::unexpected(refused(*status));
    return std::optional(std::move(incoming.text));
  }

  Expected<void> put(const std::string& name, const std::string& bytes) override {
    Incoming ignored;
    Outgoing outgoing{bytes};
    prepare(name);
    curl_.set(handle_, CURLOPT_UPLOAD, 1L);
    curl_.set(handle_, CURLOPT_READFUNCTION, giveBytes);
    curl_.set(handle_, CURLOPT_READDATA, &outgoing);
    curl_.set(handle_, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(bytes.size()));
    curl_.set(handle_, CURLOPT_WRITEDATA, &ignored);
    auto status = request();
    if (!status)
      return tl::unexpected(status.error());
    if (*status < 200 || *status > 299)
      return tl::unexpected(refused(*status));
    return {};
  }

private:
  /// The connection outlives this.
  void prepare(const std::string& name) {
    curl_.reset(handle_);
    std::string address = url_ + "/" + name + sent_.query;
    curl_.set(handle_, CURLOPT_URL, address.c_str());
    curl_.set(handle_, CURLOPT_HTTPHEADER, headers_);
    curl_.set(handle_, CURLOPT_PROTOCOLS_STR, "http,https"); // and no redirects, which are off
    curl_.set(handle_, CURLOPT_NOSIGNAL, 1L);
    curl_.set(handle_, CURLOPT_CONNECTTIMEOUT, kConnectSeconds);
    curl_.set(handle_, CURLOPT_TIMEOUT, kSeconds);
    curl_.set(handle_, CURLOPT_USERAGENT, "kverify");
    curl_.set(handle_, CURLOPT_WRITEFUNCTION, takeBytes);
  }

  Expected<long> request() {
    CURLcode code = curl_.perform(handle_);
    if (code != CURLE_OK)
      return fail(ErrorKind::Environment, fmt::format("'{}' cannot be reached: {}", url_, curl_.text(code)), "--cache");
    long status = 0;
    curl_.info(handle_, CURLINFO_RESPONSE_CODE, &status);
    return status;
  }

  ToolError refused(long status) const {
    return {ErrorKind::Environment, fmt::format("'{}' answers {}", url_, status), "--cache", ""};
  }

  const Curl& curl_;
  std::string url_;
  Sent sent_;
  CURL* handle_ = nullptr;
  curl_slist* headers_ = nullptr;
};

} // namespace

Expected<std::unique_ptr<Store>> openHttpStore(const std::string& url, const std::string& header_file) {
  if (!url.starts_with("http://") && !url.starts_with("https://"))
    return fail(ErrorKind::Input, fmt::format("'{}' is neither a folder nor an http address", url), "--cache");
  if (url.find_first_of("?#@") != std::string::npos)
    return fail(ErrorKind::Input, fmt::format("'{}' has more than an address in it", url.substr(0, url.find_first_of("?#@"))),
                "--cache", "secrets go into a file: --cache-headers FILE, with a line '?query' or 'Authorization: …'");
  auto sent = readHeaders(header_file);
  if (!sent)
    return tl::unexpected(sent.error());
  const Curl* curl = Curl::load();
  if (!curl)
    return fail(ErrorKind::Environment, "libcurl.so.4 is not installed", "--cache", "apt-get install libcurl4");
  std::string address = url;
  while (address.ends_with('/'))
    address.pop_back();
  return std::unique_ptr<Store>(new HttpStore(*curl, address, std::move(*sent)));
}

} // namespace kverify::farm
