// Follows what the dynamic loader follows: program headers, PT_DYNAMIC, its string, symbol and hash tables. Section headers
// are not looked at, because the loader does not look at them either.
#include "lib/modules/elf_reader.hpp"

#include <elf.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <span>

#include <fmt/format.h>

#include "lib/base/try.hpp"
#include "lib/linux/sys.hpp"

namespace tepui::modules {
namespace {

#if defined(__x86_64__)
constexpr Elf64_Half kMachine = EM_X86_64;
#elif defined(__aarch64__)
constexpr Elf64_Half kMachine = EM_AARCH64;
#else
#error "name this machine's e_machine"
#endif

constexpr std::size_t kMaxProgramHeaders = 256;
constexpr std::size_t kMaxDynamicEntries = 4096;
constexpr std::size_t kMaxTableBytes = 16U << 20U;
constexpr std::size_t kMaxNeeded = 256;

Error invalid(std::string why) { return {ErrorCode::InvalidArgument, std::move(why)}; }

/// Bytes of the file at `offset`, all of them.
Result<void> read_exactly(int fd, std::uint64_t offset, std::span<char> out, std::string_view what) {
  std::size_t done = 0;
  while (done < out.size()) {
    TEPUI_ASSIGN(const std::size_t got, sys::pread_some(fd, out.subspan(done), static_cast<off_t>(offset + done)));
    if (got == 0) return invalid(fmt::format("cut off: the {} lies beyond the end of the file", what));
    done += got;
  }
  return ok();
}

template <class T>
Result<T> read_struct(int fd, std::uint64_t offset, std::string_view what) {
  T value = {};
  TEPUI_TRY(read_exactly(fd, offset, {reinterpret_cast<char*>(&value), sizeof value}, what));
  return value;
}

/// What PT_DYNAMIC points to; addresses as the object has them.
struct DynamicTables {
  std::uint64_t strings = 0;
  std::uint64_t strings_size = 0;
  std::uint64_t symbols = 0;
  std::uint64_t gnu_hash = 0;
  std::uint64_t hash = 0;
  std::vector<std::uint64_t> needed;
};

class Reader {
 public:
  Reader(int fd, std::uint64_t size) : fd_(fd), size_(size) {}

  Result<ElfFacts> read(std::string_view entry) {
    TEPUI_TRY(read_headers());
    ElfFacts facts;
    facts.has_executable_stack = has_executable_stack();
    TEPUI_ASSIGN(const DynamicTables tables, read_dynamic());
    TEPUI_ASSIGN(std::string strings, read_strings(tables));
    for (std::uint64_t name : tables.needed) {
      TEPUI_ASSIGN(std::string_view text, string_at(strings, name));
      facts.needed.emplace_back(text);
    }
    TEPUI_ASSIGN(facts.exports_entry, find_symbol(tables, strings, entry));
    return facts;
  }

 private:
  Result<void> read_headers() {
    if (size_ < SELFMAG) return invalid("not an ELF file");
    char magic[SELFMAG] = {};
    TEPUI_TRY(read_exactly(fd_, 0, magic, "magic"));
    if (std::memcmp(magic, ELFMAG, SELFMAG) != 0) return invalid("not an ELF file");
    TEPUI_ASSIGN(const Elf64_Ehdr header, read_struct<Elf64_Ehdr>(fd_, 0, "ELF header"));
    if (header.e_ident[EI_CLASS] != ELFCLASS64) return invalid("not a 64-bit ELF file");
    if (header.e_ident[EI_DATA] != ELFDATA2LSB || header.e_machine != kMachine) {
      return invalid(fmt::format("for another machine (e_machine {})", header.e_machine));
    }
    if (header.e_type != ET_DYN) return invalid("no shared object");
    if (header.e_phentsize != sizeof(Elf64_Phdr) || header.e_phnum == 0 || header.e_phnum > kMaxProgramHeaders) {
      return invalid("damaged: bad program headers");
    }
    if (header.e_phoff > size_) return invalid("cut off: the program headers lie beyond the end of the file");
    for (std::size_t i = 0; i < header.e_phnum; ++i) {
      TEPUI_ASSIGN(const Elf64_Phdr segment,
                   read_struct<Elf64_Phdr>(fd_, header.e_phoff + i * sizeof(Elf64_Phdr), "program headers"));
      const bool is_in_file = segment.p_offset <= size_ && segment.p_filesz <= size_ - segment.p_offset;
      if (segment.p_type == PT_LOAD && !is_in_file) return invalid("cut off: a segment lies beyond the end of the file");
      segments_.push_back(segment);
    }
    return ok();
  }

  [[nodiscard]] bool has_executable_stack() const {
    auto stack = std::find_if(segments_.begin(), segments_.end(), [](const auto& s) { return s.p_type == PT_GNU_STACK; });
    return stack == segments_.end() || (stack->p_flags & PF_X) != 0;
  }

  /// Where `address` lies in the file.
  [[nodiscard]] std::optional<std::uint64_t> offset_of(std::uint64_t address) const {
    for (const auto& s : segments_) {
      if (s.p_type == PT_LOAD && address >= s.p_vaddr && address - s.p_vaddr < s.p_filesz) {
        return s.p_offset + (address - s.p_vaddr);
      }
    }
    return std::nullopt;
  }

  Result<DynamicTables> read_dynamic() const {
    auto dynamic = std::find_if(segments_.begin(), segments_.end(), [](const auto& s) { return s.p_type == PT_DYNAMIC; });
    if (dynamic == segments_.end()) return invalid("no dynamic section: not a shared object that can be loaded");
    DynamicTables tables;
    const std::size_t count = std::min<std::size_t>(dynamic->p_filesz / sizeof(Elf64_Dyn), kMaxDynamicEntries);
    if (dynamic->p_offset > size_) return invalid("cut off: the dynamic section lies beyond the end of the file");
    for (std::size_t i = 0; i < count; ++i) {
      TEPUI_ASSIGN(const Elf64_Dyn entry,
                   read_struct<Elf64_Dyn>(fd_, dynamic->p_offset + i * sizeof(Elf64_Dyn), "dynamic section"));
      if (entry.d_tag == DT_NULL) break;
      switch (entry.d_tag) {
        case DT_NEEDED: tables.needed.push_back(entry.d_un.d_val); break;
        case DT_STRTAB: tables.strings = entry.d_un.d_ptr; break;
        case DT_STRSZ: tables.strings_size = entry.d_un.d_val; break;
        case DT_SYMTAB: tables.symbols = entry.d_un.d_ptr; break;
        case DT_GNU_HASH: tables.gnu_hash = entry.d_un.d_ptr; break;
        case DT_HASH: tables.hash = entry.d_un.d_ptr; break;
        default: break;
      }
    }
    if (tables.needed.size() > kMaxNeeded) return invalid("damaged: needs too many libraries");
    return tables;
  }

  Result<std::string> read_strings(const DynamicTables& tables) const {
    const auto offset = offset_of(tables.strings);
    if (!offset || tables.strings_size > kMaxTableBytes) return invalid("damaged: bad string table");
    std::string strings(tables.strings_size, '\0');
    TEPUI_TRY(read_exactly(fd_, *offset, strings, "string table"));
    return strings;
  }

  static Result<std::string_view> string_at(const std::string& strings, std::uint64_t at) {
    if (at >= strings.size()) return invalid("damaged: a name lies beyond the string table");
    const auto end = strings.find('\0', at);
    if (end == std::string::npos) return invalid("damaged: a name does not end");
    return std::string_view(strings).substr(at, end - at);
  }

  /// The number of dynamic symbols; the loader has no need of it, so only the hash tables know.
  Result<std::uint64_t> count_symbols(const DynamicTables& tables) const {
    if (tables.hash != 0) {
      const auto offset = offset_of(tables.hash);
      if (!offset) return invalid("damaged: bad hash table");
      TEPUI_ASSIGN(const std::uint32_t chains, read_struct<std::uint32_t>(fd_, *offset + 4, "hash table"));
      return static_cast<std::uint64_t>(chains);
    }
    const auto offset = offset_of(tables.gnu_hash);
    if (tables.gnu_hash == 0 || !offset) return invalid("damaged: no hash table");
    struct GnuHeader {
      std::uint32_t buckets, first_symbol, bloom_words, bloom_shift;
    };
    TEPUI_ASSIGN(const GnuHeader header, read_struct<GnuHeader>(fd_, *offset, "hash table"));
    if (header.buckets > kMaxTableBytes / 4 || header.bloom_words > kMaxTableBytes / 8) {
      return invalid("damaged: bad hash table");
    }
    const std::uint64_t buckets_at = *offset + sizeof header + header.bloom_words * 8ULL;
    std::vector<std::uint32_t> buckets(header.buckets);
    TEPUI_TRY(read_exactly(fd_, buckets_at, {reinterpret_cast<char*>(buckets.data()), buckets.size() * 4}, "hash table"));
    const std::uint32_t last_chain = buckets.empty() ? 0 : *std::max_element(buckets.begin(), buckets.end());
    if (last_chain < header.first_symbol) return static_cast<std::uint64_t>(header.first_symbol);
    const std::uint64_t chains_at = buckets_at + header.buckets * 4ULL;
    for (std::uint64_t symbol = last_chain;; ++symbol) {
      TEPUI_ASSIGN(const std::uint32_t hash,
                   read_struct<std::uint32_t>(fd_, chains_at + (symbol - header.first_symbol) * 4, "hash table"));
      if ((hash & 1U) != 0) return symbol + 1;
    }
  }

  Result<bool> find_symbol(const DynamicTables& tables, const std::string& strings, std::string_view name) const {
    const auto offset = offset_of(tables.symbols);
    if (!offset) return invalid("damaged: bad symbol table");
    TEPUI_ASSIGN(const std::uint64_t count, count_symbols(tables));
    if (count > kMaxTableBytes / sizeof(Elf64_Sym)) return invalid("damaged: too many symbols");
    std::vector<Elf64_Sym> symbols(count);
    TEPUI_TRY(read_exactly(fd_, *offset, {reinterpret_cast<char*>(symbols.data()), count * sizeof(Elf64_Sym)},
                           "symbol table"));
    for (const auto& symbol : symbols) {
      const auto binding = ELF64_ST_BIND(symbol.st_info);
      if (symbol.st_shndx == SHN_UNDEF || (binding != STB_GLOBAL && binding != STB_WEAK)) continue;
      TEPUI_ASSIGN(std::string_view text, string_at(strings, symbol.st_name));
      if (text == name) return true;
    }
    return false;
  }

  int fd_;
  std::uint64_t size_;
  std::vector<Elf64_Phdr> segments_;
};

}  // namespace

Result<ElfFacts> read_elf_facts(int fd, std::string_view entry) {
  TEPUI_ASSIGN(const struct stat status, sys::stat_fd(fd));
  if (S_ISDIR(status.st_mode)) return invalid("a directory");
  if (!S_ISREG(status.st_mode)) return invalid("not a regular file");
  return Reader(fd, static_cast<std::uint64_t>(status.st_size)).read(entry);
}

}  // namespace tepui::modules
