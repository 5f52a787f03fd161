// RandomSource: where the pure cores draw chance. The daemons pass SystemRandom, tests a SeededRandom.
#pragma once

#include <cstdint>
#include <random>

namespace tepui {

class RandomSource {
 public:
  RandomSource() = default;
  RandomSource(const RandomSource&) = delete;
  RandomSource& operator=(const RandomSource&) = delete;
  virtual ~RandomSource() = default;
  /// 64 random bits.
  virtual std::uint64_t next() = 0;
  /// Uniform in [0, bound); bound of 1 or more. The same on every platform for the same bits.
  std::uint64_t below(std::uint64_t bound);
  /// Uniform in [0, 1).
  double unit();
};

/// The kernel's generator (man 2 getrandom); fit for ids that must not be guessed.
class SystemRandom final : public RandomSource {
 public:
  std::uint64_t next() override;
};

/// A reproducible sequence for tests and simulation; not for ids anybody must not guess.
class SeededRandom final : public RandomSource {
 public:
  explicit SeededRandom(std::uint64_t seed) : engine_(seed) {}
  std::uint64_t next() override { return engine_(); }

 private:
  std::mt19937_64 engine_;
};

}  // namespace tepui
