/**
 * The words of column headers, in English, Hindi and Hindi in Latin letters, as one vocabulary: `Pt. Regn. No`, `रोगी पंजीकरण संख्या`
 * and `Marij Panjikaran Sankhya` all become `patient reg no`. Gathered from the printed registers and exports of Delhi's hospitals.
 */
import { asciiDigits } from "../records/digits.ts";

/** Our word -> the words that mean it. What is not listed stands for itself. */
const spellings: Readonly<Record<string, string>> = {
  patient:
    "pt pat pnt ptnt patients marij mareej mariz mareez rogi beneficiary benef client मरीज मरीज़ मरीज़ रोगी लाभार्थी labharthi person vyakti व्यक्ति sadasya सदस्य member",
  name: "names naam nam nm nme नाम नामे",
  full: "fullname poora pura purn पूरा पूर्ण complete",
  reg: "regn registration registeration registered regd rgn regis regist panjikaran panjiyan panjikaran panjeekaran पंजीकरण पंजीयन पंजिकरण रजिस्ट्रेशन रजि",
  no: "num number numbers nbr nos numb sankhya sankya kramank kramaank nambar संख्या सं क्रमांक क्रमाँक नंबर नम्बर नं न",
  id: "ids ident identifier identification identity आईडी पहचान pahchan",
  date: "dt dte tithi tithee tareekh tarikh tareek dinank dinaank तिथि तिथी तारीख तारीख़ दिनांक दिनाँक dated din",
  time: "samay समय",
  birth: "born janm janam janma जन्म",
  age: "ages umar umra umr aayu ayu aayoo आयु उम्र आयू उमर",
  sex: "gender ling gendr लिंग जेंडर gndr gen",
  phone:
    "mobile mob mobil mobno contact telephone tel cell cellphone ph phn mo landline sampark doorbhash durbhash दूरभाष फोन फ़ोन मोबाइल मोबाईल मो संपर्क सम्पर्क whatsapp सूत्र",
  address: "addr add adress addres address1 pata patta पता residence residential niwas निवास ghar",
  father: "fathers pita peeta पिता pitaji पिताजी",
  husband: "husbands hus hubby pati पति",
  mother: "mothers mata maa माता माँ मां mataji माताजी",
  guardian: "guardians gaurdian abhibhavak sanrakshak अभिभावक संरक्षक attendant kin nok caretaker",
  relation: "relationship reln relative sambandh rishta संबंध सम्बन्ध रिश्ता related rel",
  hindi: "हिन्दी हिंदी local vernacular regional devanagari",
  first: "given pratham प्रथम",
  middle: "mname madhya मध्य",
  last: "surname family lname upnaam kulnaam उपनाम कुलनाम उपनाम antim",
  pin: "pincode zip zipcode postal postcode पिन पिनकोड",
  code: "codes कोड cd",
  city: "town shahar nagar शहर नगर",
  district: "distt dist zila jila ज़िला जिला zilla",
  state: "rajya राज्य प्रदेश pradesh province",
  locality: "area mohalla muhalla colony locality ilaka इलाका मोहल्ला मौहल्ला क्षेत्र kshetra",
  village: "gram gaon ग्राम गांव गाँव",
  street: "road gali lane marg गली",
  house: "h hno flat makan मकान",
  blood: "rakt रक्त खून ब्लड",
  group: "grp samuh varg समूह वर्ग ग्रुप",
  email: "mail emailid ईमेल",
  aadhaar: "aadhar adhar adhaar aadhhar uid uidai आधार",
  abha: "abhaid आभा ndhm abdm",
  serial: "sr sl srno slno sno kram क्र क्रम क्रसं s",
  visit: "visits visited aane aagman आने आगमन",
  admission: "admit admitted adm admn ipd bharti भर्ती",
  discharge: "discharged dis disch chhutti छुट्टी",
  death: "deceased died expired expiry demise mrityu मृत्यु",
  doctor: "dr doc consultant physician chikitsak चिकित्सक डॉक्टर डाक्टर vaidya treating",
  department:
    "dept deptt dep speciality specialty specialization vibhag विभाग clinic opdname unitname",
  ward: "wards वार्ड",
  test: "tests investigation analyte parameter examination janch jaanch जांच जाँच",
  result: "results observed finding findings outcome parinam परिणाम",
  value: "values reading val",
  unit: "units uom इकाई",
  range: "ranges",
  reference: "ref normal biological",
  sample: "specimen sampling collected collection namuna नमूना",
  report: "reported reporting रिपोर्ट",
  diagnosis: "diag dx diagnosed nidan निदान रोग rog disease bimari बीमारी",
  complaint: "complaints symptom symptoms shikayat शिकायत लक्षण lakshan",
  vaccine:
    "vaccination vaccinated immunization immunisation antigen teeka tika tikakaran टीका टीकाकरण वैक्सीन vacc टीके टीकों tike teeke",
  dose: "doses dosage खुराक khuraak khurak डोज",
  batch: "lot बैच",
  next: "agli agla अगली अगला",
  due: "dues deya देय",
  medicine: "medication drug drugs medicines dawa dawai दवा दवाई औषधि rx generic",
  frequency: "freq",
  quantity: "qty qnty matra मात्रा",
  procedure: "surgery operation oprn operative शल्य ऑपरेशन",
  allergy: "allergies allergen एलर्जी",
  remarks: "remark comment comments note notes tippani टिप्पणी",
  hospital: "hosp aspatal अस्पताल chikitsalaya चिकित्सालय facility centre center केंद्र केन्द्र",
  category: "cat श्रेणी shreni",
  old: "previous prev purana पुराना",
  alternate: "alt alternative secondary other emergency anya अन्य",
  current: "present permanent perm vartman वर्तमान स्थायी",
  created: "entry entered entered creation updated modified",
  bed: "beds बेड",
  token: "टोकन queue",
  amount: "amt fee fees charges bill paid रुपये शुल्क",
  appointment: "appt appointments apptmt booking booked",
  head: "mukhiya मुखिया hof",
  file: "folder फाइल फ़ाइल",
  card: "parcha कार्ड पर्चा",
};

/** Written as one word, or by initials, and meaning several of ours. */
const phrases: Readonly<Record<string, string>> = {
  dob: "birth date",
  doa: "admission date",
  dod: "discharge date",
  dor: "reg date",
  dov: "visit date",
  yob: "birth year",
  fh: "father husband",
  fhname: "father husband name",
  fhg: "father husband guardian",
  so: "son of",
  do: "daughter of",
  wo: "wife of",
  co: "care of",
  sdw: "son daughter wife of",
  swd: "son daughter wife of",
  sowo: "son wife of",
  dowo: "daughter wife of",
  mrd: "mrn",
  mr: "mrn",
  pid: "patient id",
  pname: "patient name",
  bdate: "birth date",
  bg: "blood group",
  forename: "first name",
  fname: "f name",
  ओपीडी: "opd",
  यूएचआईडी: "uhid",
  सीआर: "cr",
  आईपीडी: "admission",
  एमआरएन: "mrn",
  शिशु: "child",
  बच्चे: "child",
  बच्चा: "child",
  bacche: "child",
  bachche: "child",
  bachcha: "child",
  infant: "child",
  newborn: "baby",
  uhid: "uhid",
  umid: "uhid",
  crno: "cr no",
  ipno: "admission no",
  ip: "admission",
  ipd: "admission",
  opno: "opd no",
  op: "opd",
  healthid: "health id",
  hid: "health id",
  dtofbirth: "birth date",
  birthdt: "birth date",
  birthdate: "birth date",
  icd10: "icd",
  icd: "icd",
  mobileno: "phone no",
  yrs: "year",
  years: "year",
  year: "year",
  months: "month",
  फ़ोन: "phone",
};

/** Carry no meaning between the others. */
const fillers = new Set(
  "of the a an and or in with for to at is ka ki ke ko का की के को व एवं और या में wise as per if any".split(
    " ",
  ),
);

const canonical = new Map<string, string>();
for (const [word, others] of Object.entries(spellings)) {
  canonical.set(word, word);
  for (const other of others.split(" ")) canonical.set(other.normalize("NFC"), word);
}
const plainWords =
  "opd cr mrn परिवार parivar vaccinator proof photo child baby uhid health year month son daughter wife care status type kind class icd loinc snomed lab country religion occupation nationality caste marital no id time flag route lot age pan ration passport voter".split(
    " ",
  );
for (const word of plainWords) if (!canonical.has(word)) canonical.set(word, word);

/** The header's words in our vocabulary, in their order and without repeats. */
export function headerWords(header: string): readonly string[] {
  const raw = joinInitials(rawWords(header));
  const words = raw.flatMap((word) => meaningOf(word)).filter((word) => !fillers.has(word));
  return [...new Set(words)];
}

/** The parts of a header that says one thing twice (`Name / नाम`, `Age (Years)`), and the whole of it. */
export function headerVariants(header: string): readonly string[] {
  const parts = header
    .split(/[()[\]{}|/\n:–—]| - /u)
    .map((part) => part.trim())
    .filter((part) => /\p{L}[\p{L}\p{M}]/u.test(part));
  return [...new Set([header, ...(parts.length > 1 ? parts : [])])];
}

function rawWords(header: string): readonly string[] {
  return asciiDigits(header.normalize("NFC"))
    .replace(/ओ[. ]*पी[. ]*डी/gu, "opd")
    .replace(/([\p{Ll}])(\p{Lu})/gu, "$1 $2")
    .replace(/(\p{Lu})(\p{Lu}\p{Ll}{2})/gu, "$1 $2")
    .toLowerCase()
    .replace(/['’`]s?\b/gu, "")
    .replace(/#/gu, " no ")
    .replace(/^\s*[(]?\d{1,2}\s*[).:\-_]\s*/u, "")
    .replace(/[^\p{L}\p{M}\p{N}]+/gu, " ")
    .trim()
    .split(" ")
    .filter((word) => word !== "" && !/^\d{1,2}$/.test(word));
}

/** `d o b` is `dob`, `s o` is `so`. */
function joinInitials(words: readonly string[]): readonly string[] {
  const joined: string[] = [];
  let initials = "";
  for (const word of words) {
    if (/^[a-z]$/.test(word)) {
      initials += word;
      continue;
    }
    if (initials !== "") joined.push(initials);
    initials = "";
    joined.push(word);
  }
  return initials === "" ? joined : [...joined, initials];
}

function meaningOf(word: string): readonly string[] {
  const known = known1(word);
  return known ?? glued(word) ?? [word];
}

function known1(word: string): readonly string[] | null {
  const phrase = Object.hasOwn(phrases, word) ? phrases[word] : undefined;
  if (phrase !== undefined) return phrase.split(" ");
  const own = canonical.get(word) ?? (fillers.has(word) ? word : undefined);
  return own === undefined ? null : [own];
}

/** `patientname`, `regno`, `fathername`: two or three known words run together; the longest first word wins. */
function glued(word: string, depth = 0): readonly string[] | null {
  if (word.length < 4 || depth > 2) return null;
  for (let cut = word.length - 2; cut >= 2; cut -= 1) {
    const head = known1(word.slice(0, cut));
    if (head === null) continue;
    const tail = known1(word.slice(cut)) ?? glued(word.slice(cut), depth + 1);
    if (tail !== null) return [...head, ...tail];
  }
  return null;
}

/** Whether a word of a header is in the vocabulary. */
export function isKnownWord(word: string): boolean {
  return canonical.has(word);
}

/** Every word of the vocabulary, for finding the one that a slip of the pen meant. */
export function vocabulary(): readonly string[] {
  return vocabularyWords;
}
const vocabularyWords = [...canonical.keys()].filter((word) => word.length >= 5);

/** Our word for one of the vocabulary. */
export function canonicalWord(word: string): string {
  return canonical.get(word) ?? word;
}
