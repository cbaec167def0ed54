/** Given and family names of Delhi's communities, each with its Devanagari spelling; popular ones stand first. */

export interface Name {
  readonly latin: string;
  readonly local: string;
}
export type NameList = readonly [Name, ...Name[]];
export type Community = "hindu" | "muslim" | "sikh" | "christian";
type GivenNames = Readonly<Record<"male" | "female", NameList>>;

/** `Ram राम,Shyam श्याम` to names. */
function listed(text: string): NameList {
  const names = text.split(",").map((entry) => {
    const [latin = "", local = ""] = entry.trim().split(" ");
    return { latin, local };
  });
  const [head = { latin: "Anil", local: "अनिल" }, ...rest] = names;
  return [head, ...rest];
}

/** Every first part joined with every second part: Ram + Lal = Ramlal. */
function compounds(firstParts: NameList, secondParts: NameList): readonly Name[] {
  return firstParts.flatMap((first) =>
    secondParts
      .filter((second) => second.latin !== first.latin)
      .map((second) => ({
        latin: first.latin + second.latin.toLowerCase(),
        local: first.local + second.local,
      })),
  );
}

const hinduMale =
  listed(`Rahul राहुल,Amit अमित,Rajesh राजेश,Sunil सुनील,Sanjay संजय,Rakesh राकेश,Ramesh रमेश,Suresh सुरेश,Anil अनिल,Vijay विजय,
Manoj मनोज,Ajay अजय,Mukesh मुकेश,Deepak दीपक,Vinod विनोद,Ashok अशोक,Rohit रोहित,Mohit मोहित,Vikas विकास,Sachin सचिन,
Pradeep प्रदीप,Naresh नरेश,Mahesh महेश,Dinesh दिनेश,Pankaj पंकज,Arun अरुण,Ravi रवि,Sandeep संदीप,Manish मनीष,Satish सतीश,
Rajendra राजेंद्र,Surendra सुरेंद्र,Virendra वीरेंद्र,Mahendra महेंद्र,Narendra नरेंद्र,Jitendra जितेंद्र,Dharmendra धर्मेंद्र,Yogesh योगेश,Lokesh लोकेश,Umesh उमेश,
Gaurav गौरव,Saurabh सौरभ,Nitin नितिन,Ankit अंकित,Abhishek अभिषेक,Aman अमन,Karan करण,Arjun अर्जुन,Varun वरुण,Tarun तरुण,
Harish हरीश,Girish गिरीश,Jagdish जगदीश,Om ओम,Shyam श्याम,Mohan मोहन,Sohan सोहन,Gopal गोपाल,Kishan किशन,Bharat भरत,
Chetan चेतन,Hemant हेमंत,Jayant जयंत,Kailash कैलाश,Lalit ललित,Naveen नवीन,Prakash प्रकाश,Pramod प्रमोद,Shankar शंकर,Vishal विशाल,
Aarav आरव,Vivaan विवान,Ishaan ईशान,Kunal कुणाल,Nikhil निखिल,Piyush पीयूष,Rishabh ऋषभ,Shubham शुभम,Tushar तुषार,Yash यश`);
const hinduFemale =
  listed(`Sunita सुनीता,Anita अनीता,Pooja पूजा,Neha नेहा,Priya प्रिया,Kavita कविता,Rekha रेखा,Geeta गीता,Seema सीमा,Meena मीना,
Savita सविता,Mamta ममता,Babita बबीता,Poonam पूनम,Suman सुमन,Kiran किरण,Asha आशा,Usha उषा,Lata लता,Lakshmi लक्ष्मी,
Saraswati सरस्वती,Parvati पार्वती,Radha राधा,Sita सीता,Maya माया,Manju मंजू,Anju अंजू,Sanju संजू,Renu रेणु,Rani रानी,
Nisha निशा,Jyoti ज्योति,Aarti आरती,Preeti प्रीति,Deepa दीपा,Shobha शोभा,Pushpa पुष्पा,Kamla कमला,Vimla विमला,Sheela शीला,
Shanti शांति,Kusum कुसुम,Sarita सरिता,Nirmala निर्मला,Urmila उर्मिला,Sushila सुशीला,Bimla बिमला,Santosh संतोष,Rajni रजनी,Ritu रितु,
Swati स्वाति,Shweta श्वेता,Sneha स्नेहा,Divya दिव्या,Komal कोमल,Kajal काजल,Khushi खुशी,Muskan मुस्कान,Payal पायल,Sonam सोनम,
Ananya अनन्या,Aadhya आध्या,Diya दीया,Isha ईशा,Kritika कृतिका,Megha मेघा,Nandini नंदिनी,Pallavi पल्लवी,Rashmi रश्मि,Shalini शालिनी,
Tanvi तन्वी,Vandana वंदना,Vidya विद्या,Yamini यामिनी,Chanda चंदा,Durga दुर्गा,Gayatri गायत्री,Hema हेमा,Indu इंदु,Janki जानकी`);
const hinduMaleFirst = listed(
  "Ram राम,Shyam श्याम,Hari हरि,Shiv शिव,Krishna कृष्ण,Jai जय,Bhagwan भगवान,Dev देव,Ganga गंगा,Mata माता,Raj राज,Tej तेज,Dharam धर्म,Sukh सुख,Bal बाल,Prem प्रेम",
);
const hinduMaleSecond = listed(
  "Lal लाल,Das दास,Prasad प्रसाद,Kishore किशोर,Dev देव,Pal पाल,Veer वीर,Swaroop स्वरूप,Avtar अवतार,Narayan नारायण,Chand चंद,Bahadur बहादुर",
);
const hinduFemaleFirst = listed(
  "Ram राम,Chandra चंद्र,Raj राज,Phool फूल,Prem प्रेम,Dev देव,Om ओम,Shanti शांति,Vidya विद्या,Bhag भाग",
);
const hinduFemaleSecond = listed(
  "Kumari कुमारी,Wati वती,Lata लता,Kali कली,Bala बाला,Rani रानी,Pyari प्यारी",
);

const muslimMale =
  listed(`Imran इमरान,Salman सलमान,Shahid शाहिद,Javed जावेद,Irfan इरफान,Aslam असलम,Akram अकरम,Nadeem नदीम,Saleem सलीम,Rashid राशिद,
Arif आरिफ,Asif आसिफ,Wasim वसीम,Naseem नसीम,Shakeel शकील,Jameel जमील,Khalid खालिद,Faizan फैजान,Danish दानिश,Zubair जुबैर,
Usman उस्मान,Ali अली,Hamid हामिद,Rizwan रिज़वान,Sajid साजिद,Tariq तारिक,Yusuf यूसुफ,Zafar जफर,Anwar अनवर,Farhan फरहान,
Gulzar गुलज़ार,Ibrahim इब्राहिम,Ismail इस्माइल,Liaqat लियाकत,Mehboob महबूब,Mumtaz मुमताज,Parvez परवेज,Rafiq रफीक,Shamim शमीम,Sultan सुल्तान`);
const muslimFemale =
  listed(`Shabana शबाना,Rukhsar रुखसार,Nasreen नसरीन,Yasmeen यास्मीन,Ayesha आयशा,Fatima फातिमा,Zainab ज़ैनब,Salma सलमा,Nazma नज़मा,Shaheen शाहीन,
Parveen परवीन,Rehana रेहाना,Farzana फरज़ाना,Rubina रुबीना,Sabina सबीना,Tabassum तबस्सुम,Afsana अफसाना,Ameena अमीना,Bushra बुशरा,Firdaus फिरदौस,
Gulnaz गुलनाज़,Hina हिना,Iqra इकरा,Kulsum कुलसुम,Mehrunnisa मेहरुन्निसा,Noorjahan नूरजहां,Razia रज़िया,Sakina सकीना,Tarannum तरन्नुम,Zeenat ज़ीनत`);
const sikhFirst = listed(
  "Gur गुर,Har हर,Man मन,Jas जस,Kul कुल,Bal बल,Sukh सुख,Kamal कमल,Aman अमन,Ran रण,Par पर,Dal दल,Lakh लख,Nav नव",
);
const sikhSecond = listed(
  "Preet प्रीत,Jeet जीत,Deep दीप,Inder इंदर,Want वंत,Bir बीर,Meet मीत,Vinder विंदर,Jot जोत",
);
const christianMale = listed(
  "John जॉन,Joseph जोसेफ,Thomas थॉमस,George जॉर्ज,Anthony एंथनी,Peter पीटर,Paul पॉल,David डेविड,Samuel सैमुअल,Daniel डैनियल,Mathew मैथ्यू,Philip फिलिप,Simon साइमन,Stephen स्टीफन,Robert रॉबर्ट,Vincent विंसेंट,Francis फ्रांसिस,Michael माइकल",
);
const christianFemale = listed(
  "Mary मैरी,Elizabeth एलिज़ाबेथ,Rose रोज़,Grace ग्रेस,Teresa टेरेसा,Anna अन्ना,Sarah सारा,Ruth रूथ,Esther एस्तेर,Susan सुसन,Agnes एग्नेस,Christina क्रिस्टीना,Jennifer जेनिफर,Philomena फिलोमिना,Rebecca रेबेका,Renée रेनी,Zoé ज़ोए",
);

/** Compounds are rarer than the names that stand alone, so they come last. */
export const givenNames: Readonly<Record<Community, GivenNames>> = {
  hindu: {
    male: [...hinduMale, ...compounds(hinduMaleFirst, hinduMaleSecond)],
    female: [...hinduFemale, ...compounds(hinduFemaleFirst, hinduFemaleSecond)],
  },
  muslim: { male: muslimMale, female: muslimFemale },
  sikh: {
    male: [{ latin: "Manpreet", local: "मनप्रीत" }, ...compounds(sikhFirst, sikhSecond)],
    female: [{ latin: "Simran", local: "सिमरन" }, ...compounds(sikhFirst, sikhSecond)],
  },
  christian: { male: christianMale, female: christianFemale },
};

export const familyNames: Readonly<Record<Community, NameList>> = {
  hindu:
    listed(`Sharma शर्मा,Kumar कुमार,Singh सिंह,Gupta गुप्ता,Verma वर्मा,Yadav यादव,Jain जैन,Mishra मिश्रा,Pandey पांडेय,Tiwari तिवारी,
Chauhan चौहान,Agarwal अग्रवाल,Choudhary चौधरी,Rawat रावत,Negi नेगी,Bisht बिष्ट,Joshi जोशी,Bhatt भट्ट,Arora अरोड़ा,Kapoor कपूर,
Malhotra मल्होत्रा,Mehra मेहरा,Khanna खन्ना,Chopra चोपड़ा,Sethi सेठी,Bhatia भाटिया,Saxena सक्सेना,Srivastava श्रीवास्तव,Dubey दुबे,Shukla शुक्ला,
Tyagi त्यागी,Rana राणा,Thakur ठाकुर,Rathore राठौर,Solanki सोलंकी,Saini सैनी,Prajapati प्रजापति,Kashyap कश्यप,Paswan पासवान,Mandal मंडल,
Das दास,Roy रॉय,Jha झा,Sinha सिन्हा,Ojha ओझा,Bansal बंसल,Goel गोयल,Mittal मित्तल,Garg गर्ग,Dagar डागर`),
  muslim: listed(
    "Khan खान,Ansari अंसारी,Ahmad अहमद,Ali अली,Siddiqui सिद्दीकी,Qureshi कुरैशी,Sheikh शेख,Hussain हुसैन,Malik मलिक,Saifi सैफी,Idrisi इदरीसी,Mansoori मंसूरी,Alam आलम,Salmani सलमानी,Rizvi रिज़वी,Naqvi नकवी,Beg बेग,Pasha पाशा,Faruqi फारूकी,Haidar हैदर",
  ),
  sikh: listed(
    "Singh सिंह,Sandhu संधू,Gill गिल,Sidhu सिद्धू,Grewal ग्रेवाल,Bedi बेदी,Sodhi सोढ़ी,Anand आनंद,Chadha चड्ढा,Kohli कोहली,Ahluwalia अहलूवालिया,Dhillon ढिल्लों,Bhalla भल्ला,Sahni साहनी",
  ),
  christian: listed(
    "Thomas थॉमस,Joseph जोसेफ,Mathew मैथ्यू,D'Souza डिसूज़ा,Fernandes फर्नांडिस,George जॉर्ज,Masih मसीह,Lal लाल,Minz मिंज,Tirkey तिर्की,Xavier ज़ेवियर,Rodrigues रॉड्रिग्स,Philip फिलिप,Ekka एक्का,Gonçalves गोंसाल्वेस",
  ),
};

/** What may follow a given name: Sunita *Devi*, Ramesh *Kumar*, Shabana *Begum*, Harpreet *Kaur*. */
export const middleNames: Readonly<Record<Community, GivenNames>> = {
  hindu: {
    male: listed("Kumar कुमार,Chand चंद,Lal लाल,Prasad प्रसाद"),
    female: listed("Devi देवी,Kumari कुमारी,Rani रानी,Bala बाला"),
  },
  muslim: {
    male: listed("Mohammad मोहम्मद,Mohammad मोहम्मद,Abdul अब्दुल"),
    female: listed("Begum बेगम,Khatoon खातून,Bano बानो,Bibi बीबी"),
  },
  sikh: { male: listed("Singh सिंह"), female: listed("Kaur कौर") },
  christian: { male: listed("Kumar कुमार,Paul पॉल"), female: listed("Mary मैरी,Rose रोज़") },
};
