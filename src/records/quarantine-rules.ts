/**
 * Every rule that can refuse a record or warn of it, in words for a clerk: English and Hindi. The one catalogue of rules:
 * quarantine exports and docs/reference/quarantine-rules.md are made of it, and `npm run docs` fails where code knows a rule more.
 */

export interface RuleText {
  /** What to do, one sentence. */
  readonly en: string;
  readonly hi: string;
}

const texts = {
  abha_address_invalid: {
    en: "An ABHA address looks like name@abdm.",
    hi: "आभा पता name@abdm जैसा होता है।",
  },
  abha_check_digit: {
    en: "Compare the ABHA number with the patient's card; one digit is wrong.",
    hi: "आभा नंबर को मरीज़ के कार्ड से मिलाएँ; कोई अंक गलत है।",
  },
  abha_number_invalid: {
    en: "An ABHA number has 14 digits.",
    hi: "आभा नंबर में 14 अंक होते हैं।",
  },
  age_invalid: {
    en: "Write the age in years, or as 45 Y 3 M.",
    hi: "उम्र वर्षों में लिखें, या 45 Y 3 M की तरह।",
  },
  birth_date_filler: {
    en: "A program writes this day where it knows none, such as 01/01/1900; write the birth date or leave it blank.",
    hi: "प्रोग्राम तिथि न होने पर यह दिन लिखता है, जैसे 01/01/1900; जन्म तिथि लिखें या खाली छोड़ें।",
  },
  birth_date_in_future: {
    en: "The birth date lies in the future; write it as it stands in the patient's papers.",
    hi: "जन्म तिथि भविष्य की है; मरीज़ के कागज़ों के अनुसार लिखें।",
  },
  birth_date_invalid: {
    en: "Write the birth date as it stands in the patient's papers, e.g. 31/12/1985.",
    hi: "जन्म तिथि मरीज़ के कागज़ों के अनुसार लिखें, जैसे 31/12/1985।",
  },
  cells_extra: {
    en: "The row has more cells than the header. Put the text into its right columns.",
    hi: "पंक्ति में शीर्षक से ज़्यादा खाने हैं। लिखा हुआ सही कॉलम में रखें।",
  },
  cells_missing: {
    en: "The row has fewer cells than the header. Put the text into its right columns.",
    hi: "पंक्ति में शीर्षक से कम खाने हैं। लिखा हुआ सही कॉलम में रखें।",
  },
  charset_fallback: {
    en: "The bytes are not what MSH-18 says and were read as Windows-1252; set the source's encoding.",
    hi: "अक्षर MSH-18 के अनुसार नहीं हैं और Windows-1252 मानकर पढ़े गए; स्रोत की encoding तय करें।",
  },
  charset_undeclared: {
    en: "The message says one character set and is written in another; it was read as UTF-8.",
    hi: "संदेश में बताया गया वर्ण-समूह कुछ और है और लिखा कुछ और; इसे UTF-8 मानकर पढ़ा गया।",
  },
  charset_unknown: {
    en: "The character set in MSH-18 is not known; set the source's encoding.",
    hi: "MSH-18 में दिया अक्षर-समूह ज्ञात नहीं है; स्रोत की encoding तय करें।",
  },
  date_invalid: {
    en: "Write the date as it is written in the other rows, e.g. 31/12/2025.",
    hi: "तारीख बाकी पंक्तियों की तरह लिखें, जैसे 31/12/2025।",
  },
  death_time_missing: {
    en: "The message says that the patient died and not when; send PID-29.",
    hi: "संदेश में मृत्यु लिखी है पर समय नहीं; PID-29 भेजें।",
  },
  deceased_at_invalid: {
    en: "Write the date of death as it is written in the other rows, e.g. 31/12/2025.",
    hi: "मृत्यु की तारीख बाकी पंक्तियों की तरह लिखें, जैसे 31/12/2025।",
  },
  delimiters_invalid: {
    en: "MSH-1 and MSH-2 must be four to six different signs such as |^~\\&; ask the sender to correct them.",
    hi: "MSH-1 और MSH-2 में |^~\\& जैसे चार से छह अलग चिह्न हों; भेजने वाले से ठीक करवाएँ।",
  },
  document_not_mapped: {
    en: "The document is kept in the archive and not shown; ask the sender for results as text or values.",
    hi: "दस्तावेज़ संग्रह में है पर दिखाया नहीं जाता; भेजने वाले से परिणाम पाठ या मान के रूप में माँगें।",
  },
  encoding_broken: {
    en: "The Hindi text of this row was damaged by a wrong encoding. Type it again.",
    hi: "इस पंक्ति की हिंदी ग़लत एन्कोडिंग से बिगड़ गई है। इसे फिर से लिखें।",
  },
  encounter_class_unknown: {
    en: "The patient class in PV1-2 is not known; the visit was kept without it.",
    hi: "PV1-2 में मरीज़ की श्रेणी ज्ञात नहीं है; मुलाक़ात बिना श्रेणी के रखी गई।",
  },
  escape_doubled: {
    en: "The file writes two backslashes where HL7 has one; ask the sender to export without doubling.",
    hi: "फ़ाइल में एक की जगह दो बैकस्लैश हैं; भेजने वाले से बिना दोहराए निर्यात करवाएँ।",
  },
  event_code_missing: {
    en: "Say what was done or measured: a code or a name is missing.",
    hi: "क्या किया या नापा गया, यह बताएँ: कोड या नाम नहीं है।",
  },
  event_empty: {
    en: "Give the row a code, a name or a value.",
    hi: "पंक्ति में कोड, नाम या मान लिखें।",
  },
  event_kind_unknown: {
    en: "The kind of event is not known; ask the engineer to map it in the pipeline file.",
    hi: "घटना का प्रकार ज्ञात नहीं है; इंजीनियर से पाइपलाइन फ़ाइल में जुड़वाएँ।",
  },
  excel_date: {
    en: "A spreadsheet has taken this number for a date. Type the number as it stands in the register.",
    hi: "स्प्रेडशीट ने इस नंबर को तारीख़ बना दिया है। रजिस्टर वाला नंबर लिखें।",
  },
  excel_digits_lost: {
    en: "A spreadsheet has made the last digits zeros. Type the number as it stands in the register.",
    hi: "स्प्रेडशीट ने आख़िरी अंकों को शून्य कर दिया है। रजिस्टर वाला नंबर लिखें।",
  },
  excel_error: {
    en: "The cell holds an error of the spreadsheet, such as #REF!. Type the value.",
    hi: "खाने में स्प्रेडशीट की त्रुटि है, जैसे #REF!। सही मान लिखें।",
  },
  excel_scientific: {
    en: "A spreadsheet has shortened this number (9.81E+09). Type all of its digits.",
    hi: "स्प्रेडशीट ने इस नंबर को छोटा कर दिया है (9.81E+09)। पूरे अंक लिखें।",
  },
  hl7_path_invalid: {
    en: "The place in the message is not written as in PID-3.1.",
    hi: "संदेश में जगह PID-3.1 की तरह नहीं लिखी है।",
  },
  identifier_masked: {
    en: "A masked number identifies nobody: give the patient's number at this facility.",
    hi: "छिपाए गए नंबर से कोई पहचाना नहीं जाता: इस अस्पताल का मरीज़ नंबर लिखें।",
  },
  identifier_missing: {
    en: "Give the row the patient's number at this facility.",
    hi: "इस अस्पताल का मरीज़ नंबर लिखें।",
  },
  identifier_too_long: {
    en: "The patient number is too long to be one; write the right number.",
    hi: "मरीज़ नंबर बहुत लंबा है; सही नंबर लिखें।",
  },
  leading_zeros_lost: {
    en: "A spreadsheet has taken the leading zeros off this number. Type it with its zeros.",
    hi: "स्प्रेडशीट ने इस नंबर के आगे के शून्य हटा दिए हैं। शून्य के साथ लिखें।",
  },
  merge_foreign_authority: {
    en: "A facility may merge only numbers of its own; ask the owner of the number to merge.",
    hi: "अस्पताल केवल अपने ही नंबर जोड़ सकता है; नंबर के मालिक से जुड़वाएँ।",
  },
  merge_prior_missing: {
    en: "A merge message must name the prior patient number in MRG-1; nothing was merged.",
    hi: "जोड़ने के संदेश में MRG-1 में पुराना मरीज़ नंबर चाहिए; कुछ नहीं जोड़ा गया।",
  },
  merge_with_itself: {
    en: "PID-3 and MRG-1 are the same number; ask the sender which number is the prior one.",
    hi: "PID-3 और MRG-1 में एक ही नंबर है; भेजने वाले से पुराना नंबर पूछें।",
  },
  message_says_nothing: {
    en: "The message has a patient number and nothing else; check what the sender meant to send.",
    hi: "संदेश में मरीज़ नंबर के सिवा कुछ नहीं है; भेजने वाले से पूछें।",
  },
  message_too_long: {
    en: "The message is too long; ask the sender to send large documents by reference.",
    hi: "संदेश बहुत लंबा है; बड़े दस्तावेज़ संदर्भ से भिजवाएँ।",
  },
  message_type_missing: {
    en: "MSH-9 must name the message type, e.g. ADT^A01; ask the sender to correct it.",
    hi: "MSH-9 में संदेश का प्रकार चाहिए, जैसे ADT^A01; भेजने वाले से ठीक करवाएँ।",
  },
  not_hl7: {
    en: "An HL7 message starts with MSH; check that the right file was delivered whole.",
    hi: "HL7 संदेश MSH से शुरू होता है; देखें कि सही फ़ाइल पूरी आई है।",
  },
  nul_bytes: {
    en: "The row has NUL bytes, which no text has. Type it again.",
    hi: "इस पंक्ति में ऐसे चिह्न हैं जो किसी लेख में नहीं होते। इसे फिर से लिखें।",
  },
  phone_filler: {
    en: "The phone number is a filler such as 9999999999; write the real number or leave it blank.",
    hi: "फ़ोन नंबर 9999999999 जैसा भराव है; सही नंबर लिखें या खाली छोड़ें।",
  },
  phone_invalid: {
    en: "Write the mobile number with ten digits.",
    hi: "मोबाइल नंबर दस अंकों में लिखें।",
  },
  seen_at_invalid: {
    en: "Write the date of the visit as it is written in the other rows, e.g. 31/12/2025.",
    hi: "मुलाक़ात की तारीख बाकी पंक्तियों की तरह लिखें, जैसे 31/12/2025।",
  },
  segment_after_line_feed: {
    en: "A line feed was read as text because segments end with CR here; ask the sender for one kind of line end.",
    hi: "यहाँ खंड CR से समाप्त होते हैं, इसलिए LF पाठ माना गया; भेजने वाले से एक ही पंक्ति-अंत माँगें।",
  },
  sex_unknown_code: {
    en: "Write M, F or O for the sex, or ask the engineer to add the code to the pipeline file.",
    hi: "लिंग के लिए M, F या O लिखें, या इंजीनियर से कोड पाइपलाइन फ़ाइल में जुड़वाएँ।",
  },
  time_invalid: {
    en: "Write the date as it is written in the other rows.",
    hi: "तारीख बाकी पंक्तियों की तरह लिखें।",
  },
  unclosed_quote: {
    en: "A quotation mark is not closed. Put the text into its right columns, without the stray mark.",
    hi: "उद्धरण चिह्न बंद नहीं है। अतिरिक्त चिह्न हटाकर लिखा हुआ सही कॉलम में रखें।",
  },
  value_too_long: {
    en: "The text is too long for its field; it may belong to several cells.",
    hi: "लिखा हुआ इस खाने के लिए बहुत लंबा है; शायद यह कई खानों का है।",
  },
  visit_number_missing: {
    en: "The visit has no number (PV1-19); one was made of patient, class and time.",
    hi: "मुलाक़ात का नंबर (PV1-19) नहीं है; मरीज़, श्रेणी और समय से बनाया गया।",
  },
} as const satisfies Record<string, RuleText>;

const rules: ReadonlyMap<string, RuleText> = new Map(Object.entries(texts));

/** Text of a rule; null for one that the catalogue does not know. */
export function ruleText(rule: string): RuleText | null {
  return rules.get(rule) ?? null;
}

/** Names of all rules, sorted. */
export function ruleNames(): readonly string[] {
  return [...rules.keys()].sort();
}

/** Rules that refuse a row because of its layout: its cells are a guess until somebody has put them right. */
export const layoutRules: ReadonlySet<string> = new Set([
  "cells_extra",
  "cells_missing",
  "unclosed_quote",
]);
