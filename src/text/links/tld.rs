//! Top-level domains: what makes `file.name` a URL for the platform.
//!
//! All of two letters, and of the others those in wide use. One that is missing
//! costs a second refusal, so the list leans towards too many.

/// Countries, two letters each.
const COUNTRIES: &str = "acadaeafagaialamaoaqarasatauawaxazbabbbdbebfbgbhbibjbmbnbobrbsbtbwbybz\
    cacccdcfcgchcickclcmcncocrcucvcwcxcyczdedjdkdmdodzeceeegeresetfifjfkfmfofrgagbgdgegfggghgiglgmgn\
    gpgqgrgsgtgugwgyhkhmhnhrhthuidieiliminioiqirisitjejmjojpkekgkhkikmknkpkrkwkykzlalblclilklrlsltlu\
    lvlymamcmdmemgmhmkmlmmmnmompmqmrmsmtmumvmwmxmymznancnenfngninlnonpnrnunzompapepfpgphpkplpmpnprps\
    ptpwpyqarerorsrurwsasbscsdsesgshsisjskslsmsnsosrssstsusvsxsyszsttctdtftgthtjtktltmtntotrtttvtwtz\
    uauguaukusuyuzvavcvevgvivnvuwfwsyeytzazmzweu";

/// In one string, not a list: that is half the size.
const GENERIC: &str = "\
    academy agency app art arpa asia audio auto band bank beauty beer best bet bible bid bike \
    bio biz black blog blue boo book bot build business buzz cafe camp car cards care cars casa \
    cash casino cat center chat church citic city click cloud club codes coffee college com \
    community company computer cool coop credit cyou dad dance data date day dental design dev \
    digital direct dog domains download earth edu education email energy engineer equipment esq \
    eus events exchange expert express family fan fans farm fashion film finance fit foo food \
    forum foundation fun fund gallery game games garden gay gift gives glass global gmbh gold \
    golf google gov graphics green group guide guru hair health help here homes host hosting \
    house how icu inc info ing ink institute int international jobs kids kim land law legal \
    life link live loan lol love ltd luxe market marketing mba media men meme microsoft mil \
    mobi moe money monster moscow mov movie museum music name net network new news ngo ninja \
    now nyc one ong online ooo open org page party phd photo photography photos pics pictures \
    pink plus post press pro prod promo pub qpon quest racing red ren rent report rest review \
    rich rip rocks run sale school science security services shop show site ski social software \
    solutions space sport store stream studio style support surf systems tax team tech \
    technology tel tips today tools top town toys trade trading training travel university uno \
    vet video vip vote wang watch web website weibo wiki win wine work works world wtf xin xxx \
    xyz yoga you yun zip zone";

/// Not in Latin letters; for these, whatever follows.
const LOCAL: &str = "\
    中国 中國 公司 网络 網絡 网址 网站 网店 商城 商店 在线 中文网 集团 香港 台湾 台灣 我爱你 \
    手机 移动 企业 信息 娱乐 游戏 政务 公益 机构 组织机构 新加坡 рф бел укр қаз 한국 みんな \
    コム";

/// The longest in the list is shorter.
const LONGEST: usize = 24;

/// Whether `label`, in ASCII, ends a domain.
pub(super) fn is_known(label: &str) -> bool {
    if label.len() > LONGEST {
        return label.starts_with("xn--");
    }
    let label = label.to_ascii_lowercase();
    if label.len() == 2 {
        let countries = COUNTRIES.as_bytes().chunks_exact(2);
        return countries
            .into_iter()
            .any(|country| country == label.as_bytes());
    }
    label.starts_with("xn--") || GENERIC.split(' ').any(|known| known == label)
}

/// The length of the domain in other letters that `text` starts with.
pub(super) fn local(text: &str) -> Option<usize> {
    let mut known = LOCAL.split(' ');
    known.find(|known| text.starts_with(known)).map(str::len)
}
