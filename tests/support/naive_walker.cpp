#include "naive_procedure.h"

namespace svasim::test::naive {

word procedure::read(read_kind kind, int level, word address, const stop& on_abort) {
  m_answer.accesses.push_back({kind, level, address, false, 0});
  word w = 0;
  if (!m_memory.read(kind, level, address, w)) {
    stop s = on_abort;
    s.fetch_address = address;
    throw s;
  }
  return w;
}

leaf procedure::translate() {
  get_ste();
  check_ste();
  if (q.kind == query::untranslated && flag(r.idr1, 26)) {
    const word priv = field(ste[1], 49, 48), inst = field(ste[1], 51, 50);
    m_privileged = priv >= 2 ? priv == 3 : m_privileged;
    m_instruction = inst >= 2 ? inst == 3 : m_instruction;
  }
  const stop too_large{f_addr_size, false, class_in};
  if (q.kind != query::untranslated) ats_gate();
  if (q.kind == query::translated) {
    if (eats() == 1) {
      if (!fits(q.address, m_oas)) throw stop{0};
      return {q.address, 0, {}};
    }
    m_answer.ipa = q.address;
    return stage2(q.address, class_in, false);
  }
  const bool first = get_cd();
  if (first) {
    check_cd();
  } else if (!s2_on()) {
    if (!fits(q.address, m_oas)) throw too_large;
    m_answer.ipa = q.address;
    return {q.address, 0, {}};
  }
  leaf l{q.address, 64, {}};
  if (first) {
    l = stage1();
    m_s1_can = l.can;
  } else if (!fits(q.address, m_ias)) {
    throw too_large;
  }
  m_answer.ipa = l.output;
  if (s2_on()) {
    const leaf second = stage2(l.output, class_in, false);
    l = {second.output, std::min(l.size, second.size), second.can};
  }
  return l;
}

/// Section 7.3: is there a record, and does the transaction stall?
bool procedure::recorded(const stop& s) {
  const bool eventq = flag(r.cr0, 2);
  const bool ats_records = flag(r.idr0, 23) && flag(r.cr2, 3);
  if (s.event == 0x02 && !flag(r.cr2, 1)) return false;
  if (s.event >= f_translation) {
    if (translation_request()) return false;
    if (s.stage2) return flag(ste[2], 57) || (eventq && flag(ste[2], 58));
    return m_has_cd ? flag(cd[0], 44) || (eventq && flag(cd[0], 45)) : eventq;
  }
  const bool about_ats = s.event == 0x05 || s.event == 0x07;
  const bool quiet = translation_request() || (q.kind == query::translated && s.event != 0x0b);
  return eventq && (about_ats || !quiet || ats_records);
}

std::array<word, 4> procedure::record(const stop& s) {
  std::array<word, 4> w{};
  w[0] = s.event + (word{q.sid} << 32);
  if (q.has_ssid) w[0] += (word{1} << 11) + (word{q.ssid} << 12);
  const bool configurable = s.event >= f_translation;
  if (configurable || s.event == 0x07 || s.event == 0x0b) {
    w[1] = word{m_privileged} << 33 | word{m_instruction && !q.write} << 34 | word{!q.write} << 35;
    w[2] = q.address;
  }
  if (s.event == 0x05) w[2] = clear_low(q.address, 12);
  w[1] |= word{s.stage2} << 39 | word{s.cls} << 40 | word{s.tt_read} << 44;
  w[3] =
      s.event == 0x03 || s.event == 0x09 || s.event == 0x0b ? s.fetch_address : field(s.ipa, 51, 0);
  const bool stall = configurable && (s.stage2 ? flag(ste[2], 57) : m_has_cd && flag(cd[0], 44));
  if (stall) w[1] |= word{1} << 31;
  return w;
}

void procedure::finish(const stop& s) {
  m_answer.outcome = s.event != 0 && recorded(s) ? answer::fault : answer::abort;
  const bool configurable = s.event >= f_translation;
  if (translation_request()) {
    m_answer.status = s.event == 0 || s.event == 0x05 ? answer::ur
                      : configurable                  ? answer::success
                                                      : answer::ca;
  } else if (configurable && !s.stage2 && m_has_cd) {
    m_answer.zero = !flag(cd[0], 44) && !flag(cd[0], 46);
  }
  if (m_answer.outcome == answer::fault) m_answer.record = record(s);
}

answer procedure::run() {
  try {
    if (!flag(r.cr0, 0)) {
      if (q.kind != query::untranslated) throw stop{translation_request() ? 0x05u : 0x07u};
      if (flag(r.gbpa, 20) || !fits(q.address, m_oas)) throw stop{0};
      m_answer.output = q.address;
    } else if (q.kind == query::translated && !flag(r.cr0, 4)) {
      if (!fits(q.address, m_oas)) throw stop{0};
      m_answer.output = q.address;
    } else {
      const leaf l = translate();
      m_answer.output = l.output;
      m_answer.size = l.size;
      m_answer.may_read = l.can.read;
      m_answer.may_write = l.can.write;
      m_answer.may_execute = l.can.read && l.can.execute && q.instruction;
    }
    m_answer.outcome = answer::ok;
  } catch (const stop& s) {
    finish(s);
  }
  return std::move(m_answer);
}

answer translate(memory& m, const registers& r, const query& q) {
  return procedure(m, r, q).run();
}

}  // namespace svasim::test::naive
