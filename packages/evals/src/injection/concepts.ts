/**
 * The parts an injection is built from, in several languages: who is told to drop what, in favour
 * of what, and for what secret or effect.
 *
 * Words only; what a combination of concepts means was learned (see `models/evaluators`). The order
 * of the concepts is part of the weights' format: append, never reorder.
 *
 * @module
 */
import { compileLexicon } from '../linear/lexicon.ts';
import type { Lexicon } from '../linear/lexicon.ts';

const CONCEPTS: Readonly<Record<string, string>> = {
  drop: `ignore ignores ignored ignoring disregard disregarding forget forgetting override overriding
    overrule bypass bypassing circumvent neglect discard drop skip dismiss void cancel erase nevermind
    ignoriere ignorieren ignorier vergiss vergessen missachte umgehe überschreibe verwirf
    ignora ignorar ignore ignorez ignorer oubliez oublie oublier contournez olvida olvide olvidar omite
    descarta desprecia dimentica dimenticare trascura tralascia esqueça esqueca esquecer desconsidere
    negeer vergeet zignoruj zapomnij игнорируй игнорируйте проигнорируй забудь забудьте отбрось пренебреги
    忽略 忘记 无视 忘掉 無視 忽视 不要理会 忘れ 忘れて 무시 무시하고 잊어 잊고 yoksay görmezden unut
    تجاهل انسى انس भूल अनदेखा`,
  prior: `previous previously prior above earlier preceding foregoing original initial existing before
    past former old prompted bisherigen bisherige vorherigen vorherige vorigen obigen früheren
    ursprünglichen précédentes précédents précédente antérieures anteriores anterior previas previos
    precedenti precedente precedentes iniciales vorige eerdere poprzednie предыдущие предыдущих прежние
    ранее вышеуказанные 之前 以前 先前 上面 前面 上述 以上 前の 이전 önceki yukarıdaki السابقة पिछले`,
  instruction: `instruction instructions instructed prompt prompts directive directives command commands
    rule rules guideline guidelines orders order policy policies programming guidance restrictions
    restriction limitations limitation constraints constraint protocol protocols directions context
    anweisung anweisungen instruktionen befehle befehl regeln vorgaben vorschriften consignes consigne
    règles regles instrucciones instruccion instrucción reglas órdenes ordenes istruzioni regole ordini
    instruções instrucoes regras ordens instructies opdracht regels instrukcje polecenia инструкции
    инструкция инструкций указания правила команды приказы 指令 指示 规则 提示 命令 規則 限制 約束
    명령 지시 지침 규칙 talimatları talimat kuralları التعليمات الأوامر القواعد निर्देश निर्देशों`,
  system: `system developer admin administrator root sudo superuser operator backend kernel debug
    maintenance override_mode sysadmin systemprompt systemeingabe système sistema systeem система системный
    系统 系統 システム 시스템 sistem النظام सिस्टम`,
  reveal: `reveal show print output display repeat expose leak disclose dump return echo recite divulge
    share tell spill verbatim reproduce transcribe zeige zeig nenne verrate gib ausgeben drucke wiederhole
    montre montrez affiche affichez révèle revele révélez répète muestra muéstrame revela imprime repite
    dime mostra mostrami rivela stampa ripeti mostre revele imprima repita toon onthul pokaż ujawnij
    покажи покажите раскрой выведи повтори напечатай 显示 告诉 输出 打印 透露 重复 泄露 表示 教え 出力
    보여 알려 출력 göster söyle açıkla اكشف اعرض اطبع दिखाओ बताओ`,
  secret: `password passwords passphrase secret secrets confidential credentials credential key keys token
    tokens flag hidden private pin apikey api_key code codes passcode passwort geheim geheime geheimnis
    schlüssel zugangsdaten mot motdepasse secrète clé clés contraseña contrasena secreto secreta clave claves
    segreto segreta parola chiave senha segredo chave wachtwoord geheime hasło пароль пароли секрет секретный
    ключ 密码 秘密 密钥 口令 机密 パスワード 鍵 비밀번호 비밀 şifre gizli السر السرية पासवर्ड`,
  persona: `pretend act acting roleplay role-play role impersonate simulate simulating imagine character
    persona embody become behave emulate playing stan dan dude aim antigpt evilbot mongo jailbreak jailbroken
    jailbreaking developer_mode tu spiele verhalte stell agis imagine prétends comporte actúa actua finge
    imagina agisci fingi immagina aja finja speel doe udawaj притворись представь веди 扮演 假装 假设 模拟
    想象 扮 なりきって 演じ 역할 rol tamthil تظاهر`,
  unbound: `unrestricted unfiltered uncensored unlimited unbound unlocked unethical immoral amoral illegal
    limitless freely anything evil chaotic uncensor unmoderated unaligned unleashed ungebunden unzensiert
    uneingeschränkt ungefiltert restriction censure censored censorship sans limites sin límites
    irrestricto libre liberado senza limiti sem limites неограниченный цензуры ограничений 无限制 没有限制
    不受限制 無制限 제한`,
  ethics: `ethics ethical moral morals morality legality law laws safety harmful dangerous appropriate
    inappropriate offensive policies openai content terms compliance guardrails guardrail filter filters
    filtering safeguards warning warnings disclaimer disclaimers moralizing responsible 道德 伦理 安全 法律
    этика мораль éthique ethik ética etica`,
  refusal: `refuse refusing refusal decline apologize apologise apology sorry cannot unable deny reject
    comply complying obey obeying obedience submit must never always strictly verweigere refuser rechazar
    rifiutare recusar отказывайся 拒绝 遵守 服从 从不 必须`,
  assistant: `assistant ai chatgpt gpt claude gemini llama bard chatbot bot llm model agent copilot openai
    anthropic assistent ki assistente asistente ia ассистент ии 助手 人工智能 模型 聊天机器人 アシスタント ai模型
    챗봇 asistan`,
  now: `now instead henceforth onwards forth hereafter immediately begin starting today currently jetzt
    stattdessen nunmehr ab maintenant désormais plutôt ahora lugar adelante adesso invece ora agora vez nu
    voortaan teraz теперь отныне вместо сейчас 现在 从现在 开始 接下来 今から これから 이제 지금 şimdi artık
    الآن अब`,
  mode: `mode enabled enable activate activated activating disabled disable toggle switch unlock engage
    modus aktiviere aktivieren activer active activez activa activar modo attiva modalità ativar ativado
    режим включи 模式 启用 启动 激活 モード 모드`,
  important: `important urgent attention priority critical mandatory emergency immediately warning notice
    alert override high_priority wichtig dringend achtung importante urgente atención attenzione atenção
    belangrijk ważne важно срочно внимание 重要 紧急 注意 緊急 중요 긴급 önemli dikkat`,
  send: `send email forward transmit upload post submit mail deliver exfiltrate export share transfer pay
    wire purchase invite sende schicke leite weiterleiten envoie envoyez transférer envía envia enviar
    reenvía invia inoltra manda envie encaminhe stuur verstuur wyślij отправь отправьте перешли 发送 转发 转账
    上传 送信 転送 보내 gönder ilet أرسل भेजो`,
  harm: `bomb explosive weapon weapons malware virus ransomware hack hacking steal kill murder poison drugs
    meth cocaine suicide terrorist attack phishing exploit fraud launder counterfeit bombe waffe bomba arma
    arme бомба оружие 炸弹 武器 毒品 爆弾 폭탄`,
  delete: `delete remove destroy wipe format drop truncate terminate shutdown disable lösche löschen supprime
    supprimez elimina borra cancella apague exclua verwijder usuń удали 删除 清除 销毁 削除 삭제 sil احذف`,
  access: `access granted grant permission permissions authorized authorization authorised unauthorized
    privilege privileges login unlock admin zugriff accès acceso accesso acesso доступ 访问 权限 アクセス 접근`,
  hypothetical: `hypothetical hypothetically fictional fiction story novel screenplay scenario game movie
    poem play script grandma grandmother research educational purposes academic theoretical imaginary
    fiktiv histoire historia storia história рассказ 故事 小说 游戏 虚构`,
  respond: `answer respond reply responding response responses answers generate write say speak start begin
    prefix begin_with antworte réponds répondez responde rispondi responda antwoord ответь отвечай 回答 回复
    回應 答え 대답 cevap أجب`,
  task: `task tasks request requests job query question aufgabe tâche tarea compito tarefa taak задание задача
    任务 要求 タスク 작업 görev مهمة`,
  text: `text document email message passage paragraph article content page tool output webpage sentence words
    nachricht texte message mensaje texto testo messaggio mensagem tekst текст сообщение 文本 内容 文章 文字`,
  user: `user users human customer client owner creator developers boss manager nutzer benutzer utilisateur
    usuario utente usuário gebruiker пользователь 用户 用戶 ユーザー 사용자 kullanıcı`,
  negation: `not don't dont do'nt no nothing without nicht kein keine ohne ne pas sans aucune sin ningún non
    senza não sem niet geen nie не без 不 不要 没有 别 없이`,
  all: `all any every everything anything entire whole alle alles tous toutes tout todas todos todo tutte tutti
    todas alle wszystkie все всё 所有 一切 全部 すべて 全て 모든 tüm bütün جميع كل सभी`,
  encode: `base64 rot13 hex hexadecimal decode encode encoded decoded cipher morse binary translate reverse
    reversed leetspeak caesar ascii unicode backwards entschlüssle décode decodifica декодируй 解码 翻译`,
  credentials_place: `env environment config configuration database files file filesystem etc passwd ssh
    history memory conversation chat logs training dataset documents`,
  markup: `im_start im_end inst endoftext endofprompt eot_id start_header_id sys human user_input
    user_query system_prompt begin_of_text`,
  you: `you your you're yourself u ur du dein deine sie ihr tu ton vos votre vous tú usted ti tuo tua você seu
    jij je ты вы твои 你 您 你的 あなた 너 sen`,
  win: `tokens lives points reward tip punish punished shut die dead fired deducted bonus consequence
    consequences penalty threatened lose losing`,
};

export const injectionLexicon: Lexicon = compileLexicon(CONCEPTS);
